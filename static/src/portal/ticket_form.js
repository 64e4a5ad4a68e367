import {Interaction} from "@web/public/interaction";
import {registry} from "@web/core/registry";

/**
 * The form for a new ticket: what covers it is shown in place, so that chosen files are
 * kept. Without JavaScript the same button shows the whole page again.
 */
export class SupportTicketForm extends Interaction {
    static selector = ".o_support_ticket_form";
    dynamicContent = {
        ".o_support_check": {"t-on-click.prevent": this.onCheck},
        select: {"t-on-change": this.forget},
    };

    /** Another choice has another cover: what was shown counts no more. */
    forget() {
        this.el.querySelector("#support_preview").replaceChildren();
    }

    async onCheck(ev) {
        if (!this.el.reportValidity()) {
            return;
        }
        const button = ev.currentTarget;
        const data = new FormData(this.el);
        data.delete("attachment");
        button.disabled = true;
        try {
            const response = await this.waitFor(
                fetch(button.formAction, {method: "POST", body: data})
            );
            const html = await this.waitFor(response.text());
            const page = new DOMParser().parseFromString(html, "text/html");
            const shown =
                page.querySelector("#support_preview > *") ||
                page.querySelector(".o_support_form_error");
            if (!response.ok || !shown) {
                throw new Error(`${response.status}`);
            }
            // The chosen files are still there
            shown.querySelector(".o_support_files_lost")?.remove();
            const target = this.el.querySelector("#support_preview");
            target.replaceChildren(document.adoptNode(shown));
            shown.setAttribute("tabindex", "-1");
            shown.focus();
        } catch {
            // The page itself says what is wrong, a lost session for instance
            this.el.action = button.formAction;
            this.el.submit();
        } finally {
            button.disabled = false;
        }
    }
}

registry
    .category("public.interactions")
    .add("support_contract.ticket_form", SupportTicketForm);
