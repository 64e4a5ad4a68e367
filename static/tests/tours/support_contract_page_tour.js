import {registry} from "@web/core/registry";

/** Nothing runs out of the screen, however small it is. */
function checkWidth() {
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) {
        throw new Error(`${root.scrollWidth} > ${root.clientWidth}`);
    }
}

registry.category("web_tour.tours").add("support_contract_page_tour", {
    steps: () => [
        {
            content: "The page opens, without the code",
            trigger: ".o_support_contract:not(:has(.o_support_code))",
            run: checkWidth,
        },
        {
            content: "Show the code",
            trigger: ".o_support_show_code",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is there",
            trigger: ".o_support_code:contains(482 913 060)",
            run: checkWidth,
        },
        {
            content: "State activations",
            trigger: ".o_support_activations input[name='number']",
            run: "edit 7",
        },
        {
            content: "Send",
            trigger: ".o_support_activations button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Recorded; the code is hidden again",
            trigger:
                ".o_support_contract:has(.alert-success):not(:has(.o_support_code))",
        },
        {
            content: "Open all terms",
            trigger: "#terms a:contains(All terms)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Rates are there",
            trigger: "#rates",
            run: checkWidth,
        },
        {
            content: "Back",
            trigger: "a:contains(Back to the contract)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Open the statement",
            trigger: "#balances a:contains(Statement)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Entries of the term",
            trigger: ".o_support_entry:contains(A summary)",
            run: checkWidth,
        },
        {
            content: "Choose the days",
            trigger: "#from",
            run() {
                this.anchor.value = "2026-01-01";
            },
        },
        {
            content: "Until",
            trigger: "#to",
            run() {
                this.anchor.value = "2026-01-31";
            },
        },
        {
            content: "Show",
            trigger: ".o_support_filter button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The period",
            trigger: "[name='period']:contains(01/31/2026)",
        },
        {
            content: "The work is not in it",
            trigger:
                ".o_support_entries:not(:has(.o_support_entry:contains(A summary)))",
        },
        {
            content: "Print view",
            trigger: "a:contains(Print view)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The statement alone",
            trigger: ".o_support_print",
            run: checkWidth,
        },
    ],
});
