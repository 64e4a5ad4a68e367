import {click, edit, go, see} from "./support_tour_tools";
import {registry} from "@web/core/registry";

const compared = {
    support_offers_tour: {
        first: see(
            "The types are columns of a table",
            ".o_support_offers table.o_support_compare:visible thead th:contains(Packages)"
        ),
        choose: ".o_support_compare a.btn:contains(Packages)",
    },
    support_offers_phone_tour: {
        first: see(
            "The types are cards, one below the other",
            ".o_support_offers section:visible h2:contains(Packages)"
        ),
        choose: ".o_support_offers section a.btn:contains(Packages)",
    },
};

/** Pay an order on Odoo's own page, with the provider for demonstrations. */
function pay() {
    return [
        see("Odoo's page of the order", "a[data-bs-target='#modalaccept']:visible"),
        click(
            "Take the first way to pay",
            "a[data-bs-target='#modalaccept']:visible:first"
        ),
        edit(
            "A card that pays",
            "#modalaccept.show #o_payment_form input[name=customer_input]:visible",
            "4242"
        ),
        go("Pay", "#modalaccept [name=o_payment_submit_button]:enabled"),
        see("Paid: back on the order", "#quote_content"),
    ];
}

for (const [name, {first, choose}] of Object.entries(compared)) {
    registry.category("web_tour.tours").add(name, {
        steps: () => [
            first,
            go("Choose the packages", choose),
            see("Its terms", ".o_support_offer"),
            click(
                "The smaller one",
                ".o_support_offer label:contains(Package of 4 hours)"
            ),
            go("Order it", ".o_support_offer form[action$='/request'] button"),
            see(
                "Odoo's page of the order takes the payment",
                "a[data-bs-target='#modalaccept']:visible"
            ),
        ],
    });
}

registry.category("web_tour.tours").add("support_topup_tour", {
    steps: () => [
        see("What there is to add", ".o_support_buy"),
        click("Choose ten hours", ".o_support_choice label:contains(Ten hours)"),
        edit("Two of them", "#pieces", "2"),
        go("Order", ".o_support_buy form:has(#pieces) button[type=submit]"),
        ...pay(),
    ],
});

registry.category("web_tour.tours").add("support_renew_tour", {
    steps: () => [
        see("The contract", ".o_support_contract"),
        go("Its renewal", "[name=actions] a[href$='/renew']"),
        see("What the next term costs", ".o_support_renewal"),
        click("How one gives notice", ".o_support_renewal details summary"),
        see("With a reason", ".o_support_renewal select[name=reason]:visible"),
        go("Another contract?", ".o_support_renewal a[href$='/change-type']"),
        see("They are compared", ".o_support_change_type h2:contains(More hours)"),
        go("Back", ".o_support_change_type > a.btn-link"),
        see("The contract again", ".o_support_contract"),
        go("Renew after all", "[name=actions] a[href$='/renew']"),
        go("Yes", ".o_support_renewal form[action$='/renew'] button[type=submit]"),
        see("The order on invoice", "#quote_content"),
    ],
});

registry.category("web_tour.tours").add("support_change_type_tour", {
    steps: () => [
        see("Compared with the work of twelve months", ".o_support_change_type"),
        go(
            "Ask for the bigger one",
            ".o_support_change_type div:has(> div > h2:contains(More hours)) button"
        ),
        see("It was asked for", ".o_support_change_type .alert-success"),
    ],
});

registry.category("web_tour.tours").add("support_reinstate_tour", {
    steps: () => [
        see("The contract is among the earlier ones", "#earlier"),
        go("Open it", "#earlier a:contains(Gone)"),
        see("It has lapsed", ".o_support_contract"),
        go("Bring it back", "[name=actions] a[href$='/reinstate']"),
        see("What it costs", ".o_support_reinstatement dl"),
        go("Order it", ".o_support_reinstatement form button[type=submit]"),
        ...pay(),
    ],
});

registry.category("web_tour.tours").add("support_releases_tour", {
    steps: () => [
        go("From the overview", ".o_support_portal a[href$='/my/support/releases']"),
        see("One installation gets it, one does not", "article:has(.fa-ban):has(form)"),
        click("Read what is new", "article details:not(.small) summary"),
        see("It is there", "article details[open] div:contains(All new)"),
        click("And its checksum", "article form details summary"),
        see("In one line or more", "article form code:visible"),
        {
            content: "Download it",
            trigger: "article form button[type=submit]",
            // a download that a click begins says neither when it ends nor with what
            async run() {
                const form = this.anchor.closest("form");
                const body = new FormData(form);
                const answer = await fetch(form.action, {method: "POST", body});
                const disposition = answer.headers.get("Content-Disposition") || "";
                if (!answer.ok || !disposition.includes("setup.zip")) {
                    throw new Error(`${answer.status} ${disposition}`);
                }
            },
        },
    ],
});
