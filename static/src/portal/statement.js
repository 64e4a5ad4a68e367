import {Interaction} from "@web/public/interaction";
import {registry} from "@web/core/registry";

/** The print view's button: the browser prints what it shows. */
export class StatementPrint extends Interaction {
    static selector = ".o_support_statement .o_support_print";
    dynamicContent = {_root: {"t-on-click": () => window.print()}};
}

registry
    .category("public.interactions")
    .add("support_contract.statement_print", StatementPrint);
