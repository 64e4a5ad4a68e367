import {click, edit, go, see} from "./support_tour_tools";
import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("support_contract_page_tour", {
    steps: () => [
        see("Odoo's own first page", ".o_portal_my_home"),
        go("The card of support", "#portal_common_category a[href$='/my/support']"),
        see("The overview", ".o_support_portal .o_support_card"),
        go("The contract", ".o_support_card a.stretched-link"),
        see(
            "The page opens, without the code",
            ".o_support_contract:not(:has(.o_support_code))"
        ),
        go("Show the code", ".o_support_show_code"),
        see("It is there", ".o_support_code:contains(482 913 060)"),
        click("Another code", "#support_code details summary"),
        go("Now", "#support_code form[action$='/code/renew'] button"),
        see("There is one", ".o_support_contract:has(.alert-success)"),
        go("Show it", ".o_support_show_code"),
        see("It is another one", ".o_support_code:not(:contains(482 913 060))"),
        edit("State activations", ".o_support_activations input[name='number']", "7"),
        go("Send", ".o_support_activations button"),
        see(
            "Recorded; the code is hidden again",
            ".o_support_contract:has(.alert-success):not(:has(.o_support_code))"
        ),
        go("Open all terms", "#terms a[href$='/terms']"),
        see("Rates are there", "#rates"),
        go("Back", ".o_support_portal > a.btn-secondary"),
        go("Open the statement", "#balances a[href*='/ledgers/']"),
        see("Entries of the term", ".o_support_entry:contains(A summary)"),
        see("A column for each month", "#use .o_support_month"),
        click("The same in figures", "#use details summary"),
        see("Which fits", "#use table:visible"),
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
        go("Show", ".o_support_filter button"),
        see("The period", "#to[value='2026-01-31']"),
        see(
            "The work is not in it",
            ".o_support_entries:not(:has(.o_support_entry:contains(A summary)))"
        ),
        go("Print view", "a[href*='print=1']"),
        see("The statement alone", ".o_support_print"),
    ],
});
