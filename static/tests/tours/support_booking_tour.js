import {registry} from "@web/core/registry";

function fitsTheWindow() {
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) {
        const wide = [...document.querySelectorAll("body *")].filter(
            (el) => el.getBoundingClientRect().right > root.clientWidth
        );
        const names = wide.map((el) => `${el.tagName}.${el.className}`);
        throw new Error(`${root.scrollWidth} > ${root.clientWidth}: ${names}`);
    }
}

registry.category("web_tour.tours").add("support_booking_tour", {
    steps: () => [
        {
            content: "From the ticket to its interventions",
            trigger: ".o_support_ticket_book",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It takes two hours",
            trigger: ".o_support_booking .nav-link:contains(2:00 h)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Which is said before",
            trigger: "[name=support_forecast]:contains(2:00 h from)",
            run: fitsTheWindow,
        },
        {
            content: "The zone of the times is named",
            trigger: ".o_support_booking:contains(Europe/Rome)",
        },
        {
            content: "Say what is to be done",
            trigger: "#support_booking_name",
            run: "edit Install the new till",
        },
        {
            content: "Look at later days",
            trigger: ".o_support_later",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "What was said is still there",
            trigger: "#support_booking_name[value='Install the new till']",
        },
        {
            content: "Choose the first free time",
            trigger: ".o_support_slot:first",
            run: "click",
        },
        {
            content: "Book it",
            trigger: "button.o_support_book",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is booked with a technician",
            trigger: ".o_support_portal:contains(Tiziano Tecnico)",
            run: fitsTheWindow,
        },
        {
            content: "And the balance is kept for it",
            trigger: ".o_support_facts:contains(2:00 h are kept)",
        },
        {
            content: "Move it",
            trigger: ".o_support_move",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "To another time",
            trigger: ".o_support_slot:last",
            run: "click",
        },
        {
            content: "Take it",
            trigger: "button.o_support_book",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is moved",
            trigger: "[name=support_news]:contains(has been moved)",
        },
        {
            content: "Cancel it",
            trigger: ".o_support_cancel",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "With a reason",
            trigger: "#support_cancel_reason",
            run: "edit Nobody is in the office",
        },
        {
            content: "Yes",
            trigger: ".o_support_do_cancel",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is cancelled",
            trigger: "[name=support_news]:contains(is cancelled)",
            run: fitsTheWindow,
        },
    ],
});
