import {choose, choosePicture, click, draw, edit, go, see} from "./support_tour_tools";
import {registry} from "@web/core/registry";

/** Sign the text that is on the page. */
function sign(part, stamp = []) {
    const form = `form:has(input[name=action][value=${part}])`;
    return [
        see(`The pad of the ${part} is there`, `${form} .o_support_sign_pad canvas`),
        edit("Enter the name", `${form} #support_signer`, "Anna Alpha"),
        edit("Enter the role", `${form} #support_role`, "Director"),
        ...stamp,
        draw("Draw", `${form} .o_support_sign_pad canvas`),
        {
            content: "The drawing is in the form",
            trigger: `${form} input[name=signature]:not(:visible):not([value=""])`,
        },
        go(`Sign the ${part}`, `${form} .o_support_sign_submit`),
    ];
}

registry.category("web_tour.tours").add("support_sign_contract_tour", {
    steps: () => [
        see("The first step", ".o_support_steps"),
        edit("State the activations", "#support_count_0", "12"),
        go("Next", ".o_support_sign_submit"),
        see("Which type?", "fieldset input[name=type]:checked"),
        go("Keep the type that was offered", ".o_support_sign_submit"),
        go("Go back to the activations", ".o_support_step a[href$='step=activations']"),
        see("They are as entered", "#support_count_0[value='12']"),
        go("And on to the contract", ".o_support_step a[href$='step=contract']"),
        see("The contract says how many", ".o_support_sign_paper strong:contains(12)"),
        ...sign("contract", [
            choosePicture("With a stamp", "#support_stamp", "stamp.png"),
        ]),
        see(
            "The conditions, with a signature of their own",
            ".o_support_sign_paper:contains(The law applies.)"
        ),
        ...sign("conditions"),
        see("Signed", ".o_support_signed"),
    ],
});

registry.category("web_tour.tours").add("support_refuse_contract_tour", {
    steps: () => [
        click("I do not want to", ".o_support_sign_other details:last summary"),
        edit("Because", "#support_refuse_reason", "Too dear"),
        see("There is room for it", "#support_refuse_reason:visible"),
        go("Refuse", "form:has(#support_refuse_reason) button"),
        see("It is said, and may be changed", ".alert-warning"),
        click("On paper then", ".o_support_sign_other details:first summary"),
        edit("Who has signed", "#support_paper_signer", "Anna Alpha"),
        choose(
            "The scan",
            "#support_paper_scan",
            "signed.pdf",
            "application/pdf",
            "%PDF-1.4 signed"
        ),
        see("The form fits", "#support_paper_scan:visible"),
        go("Upload it", "form:has(#support_paper_scan) button"),
        see("We look at it", ".alert-info .fa-clock-o"),
    ],
});
