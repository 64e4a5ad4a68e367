import {registry} from "@web/core/registry";

/** Choose a file as a person does. */
function choose(input, name) {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["lines"], name, {type: "text/plain"}));
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", {bubbles: true}));
}

/** Nothing of the page runs out of a small screen. */
function checkWidth() {
    const width = document.documentElement.clientWidth;
    const wide = [...document.querySelector("main").querySelectorAll("*")].filter(
        (el) => el.getBoundingClientRect().right > width
    );
    if (wide.length) {
        throw new Error(wide.map((el) => `${el.tagName}.${el.className}`).join(", "));
    }
}

registry.category("web_tour.tours").add("support_ticket_form_tour", {
    steps: () => [
        {
            content: "Say what it is about",
            trigger: ".o_support_ticket_form #subject",
            run: "edit The till is dark",
        },
        {
            content: "Describe it",
            trigger: "#description",
            run: "edit Since this morning",
        },
        {
            content: "Choose how",
            trigger: "#mode",
            run: "selectByLabel Phone",
        },
        {
            content: "Add a file",
            trigger: "#attachment",
            run() {
                choose(this.anchor, "log.txt");
            },
        },
        {
            content: "Check what covers it",
            trigger: ".o_support_check",
            run: "click",
        },
        {
            content: "It says what is taken and what is promised",
            trigger: "#support_preview:contains(9 tickets left):contains(Answer by)",
            run: checkWidth,
        },
        {
            content: "Another choice is another cover",
            trigger: "#mode",
            run: "selectByLabel Remote session",
        },
        {
            content: "What was shown is gone",
            trigger: ".o_support_ticket_form:not(:has(section))",
        },
        {
            content: "Back to the phone",
            trigger: "#mode",
            run: "selectByLabel Phone",
        },
        {
            content: "Send it, the file is still there",
            trigger: ".o_support_send",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The ticket's page says what covers it",
            trigger: ".o_support_ticket_cover:contains(covers this ticket)",
            run: checkWidth,
        },
    ],
});

registry.category("web_tour.tours").add("support_ticket_files_tour", {
    steps: () => [
        {
            content: "The page begins with what is asked for",
            trigger: "#support_files:contains(The backup)",
            run: checkWidth,
        },
        {
            content: "Choose the file",
            trigger: "#support_files_input",
            run() {
                choose(this.anchor, "backup.zip");
            },
        },
        {
            content: "Send it",
            trigger: "#support_files button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Nothing is asked for any more",
            trigger: "#card_body:not(:has(#support_files))",
        },
    ],
});
