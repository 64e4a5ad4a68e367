import {registry} from "@web/core/registry";

const wide = {
    content: "The types are columns of a table",
    trigger:
        ".o_support_offers table.o_support_compare:visible thead th:contains(Packages)",
};
const narrow = {
    content: "The types are cards, one below the other",
    trigger: ".o_support_offers section:visible h2:contains(Packages)",
};

function order(first, choose) {
    return [
        first,
        {
            content: "Choose the packages",
            trigger: choose,
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The smaller one",
            trigger: ".o_support_offer label:contains(Package of 4 hours)",
            run: "click",
        },
        {
            content: "Order it",
            trigger: ".o_support_offer button[type=submit]:contains(Order)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Odoo's page of the order takes the payment",
            trigger: "a:contains(Accept & Pay), button:contains(Accept & Pay)",
        },
    ];
}

registry.category("web_tour.tours").add("support_offers_tour", {
    steps: () => order(wide, ".o_support_compare a.btn:contains(Packages)"),
});

registry.category("web_tour.tours").add("support_offers_phone_tour", {
    steps: () => order(narrow, ".o_support_offers section a.btn:contains(Packages)"),
});

registry.category("web_tour.tours").add("support_topup_tour", {
    steps: () => [
        {
            content: "Choose ten hours",
            trigger: ".o_support_choice label:contains(Ten hours)",
            run: "click",
        },
        {
            content: "Two of them",
            trigger: "#pieces",
            run: "edit 2",
        },
        {
            content: "Order",
            trigger: ".o_support_buy button[type=submit]:contains(Order)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Pay on Odoo's page",
            trigger: "a[data-bs-target='#modalaccept']:visible:contains(Accept & Pay)",
            run: "click",
        },
        {
            content: "With the demo provider",
            trigger:
                "#o_payment_form input[name='o_payment_radio'], #o_payment_form [name='o_payment_inline_form']",
        },
    ],
});
