import {draw, edit, go, see} from "./support_tour_tools";
import {registry} from "@web/core/registry";

/** Remark, name and drawing under an intervention sheet. */
function sign() {
    return [
        edit("Write a remark", "#support_sign_remark", "All is well"),
        edit("Enter the name", "#support_sign_name", "Anna Alpha"),
        {
            content: "Sign without a drawing",
            trigger: ".o_support_sign_submit",
            run: "click",
        },
        see("It is asked for", ".o_support_sign_pad .text-danger"),
        draw("Draw", ".o_support_sign_pad canvas"),
        {
            content: "The drawing is in the form",
            trigger: ".o_support_sign_pad:not(:has(.text-danger))",
        },
        go("Sign", ".o_support_sign_submit"),
    ];
}

registry.category("web_tour.tours").add("support_sign_tour", {
    steps: () => [
        go(
            "The technician's session is on this phone: hand it over",
            ".o_support_sign_hand_over"
        ),
        {
            content: "The customer reads what was done",
            trigger: ".o_support_sign_text:contains(Cash desk)",
        },
        see("Nothing runs out of the small screen", ".o_support_sign_pad canvas"),
        ...sign(),
        see("Signed", ".o_support_signed"),
    ],
});

registry.category("web_tour.tours").add("support_sign_portal_tour", {
    steps: () => [
        see("What is planned", ".o_support_portal .nav-pills"),
        go("What was done", ".nav-pills a[href*='filterby=done']"),
        see("It waits for a signature", ".o_support_card .text-bg-warning"),
        go("Open it", ".o_support_card:has(.text-bg-warning)"),
        see("The sheet", ".o_support_sign_pad canvas"),
        ...sign(),
        see("Signed", "[name=support_signature]:contains(Anna Alpha)"),
    ],
});
