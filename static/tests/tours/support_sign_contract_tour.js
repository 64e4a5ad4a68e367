import {registry} from "@web/core/registry";

/** Draw as a finger does: down, along, up, and not all at once. */
async function draw(canvas) {
    canvas.scrollIntoView({block: "center", behavior: "instant"});
    const {left, top, width, height} = canvas.getBoundingClientRect();
    const points = [
        [0.1, 0.7],
        [0.3, 0.2],
        [0.45, 0.8],
        [0.6, 0.3],
        [0.9, 0.6],
    ];
    const fire = (type, [x, y]) =>
        canvas.dispatchEvent(
            new PointerEvent(type, {
                bubbles: true,
                cancelable: true,
                isPrimary: true,
                button: 0,
                buttons: type === "pointerup" ? 0 : 1,
                pressure: 0.5,
                clientX: left + x * width,
                clientY: top + y * height,
            })
        );
    fire("pointerdown", points[0]);
    for (const point of points) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        fire("pointermove", point);
    }
    fire("pointerup", points[points.length - 1]);
}

/** Nothing of the page itself runs out of the screen; the header is Odoo's. */
function fits() {
    const width = document.documentElement.clientWidth;
    const wide = [...document.querySelectorAll(".o_support_portal *")].filter(
        (node) =>
            node.getBoundingClientRect().right > width + 1 &&
            !node.closest(".o_support_sign_paper *")
    );
    if (wide.length) {
        const names = wide.map((node) => `${node.tagName}.${node.className}`);
        throw new Error(`${width}: ${names}`);
    }
}

/** Sign the text that is on the page. */
function sign(part) {
    const form = `form:has(input[name=action][value=${part}])`;
    return [
        {
            content: `The pad of the ${part} is there, nothing runs out of the screen`,
            trigger: `${form} .o_support_sign_pad canvas`,
            run: fits,
        },
        {
            content: "Enter the name",
            trigger: `${form} #support_signer`,
            run: "edit Anna Alpha",
        },
        {
            content: "Enter the role",
            trigger: `${form} #support_role`,
            run: "edit Director",
        },
        {
            content: "Draw",
            trigger: `${form} .o_support_sign_pad canvas`,
            async run() {
                await draw(this.anchor);
            },
        },
        {
            content: "The drawing is in the form",
            trigger: `${form} input[name=signature]:not(:visible):not([value=""])`,
        },
        {
            content: `Sign the ${part}`,
            trigger: `${form} .o_support_sign_submit`,
            run: "click",
            expectUnloadPage: true,
        },
    ];
}

registry.category("web_tour.tours").add("support_sign_contract_tour", {
    steps: () => [
        {
            content: "State the activations",
            trigger: "#support_count_0",
            run: "edit 12",
        },
        {
            content: "Next",
            trigger: ".o_support_sign_submit",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Nothing runs out of the screen",
            trigger: "fieldset:contains(Which contract type suits you?)",
            run: fits,
        },
        {
            content: "Keep the type that was offered",
            trigger: ".o_support_sign_submit",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Go back to the activations",
            trigger: ".o_support_step a[href$='step=activations']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "They are as entered",
            trigger: "#support_count_0[value='12']",
        },
        {
            content: "And on to the contract",
            trigger: ".o_support_step a[href$='step=contract']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The contract says how many",
            trigger: ".o_support_sign_paper:contains(In all: 12)",
        },
        ...sign("contract"),
        {
            content: "The conditions, with a signature of their own",
            trigger: ".o_support_sign_paper:contains(The law applies.)",
        },
        ...sign("conditions"),
        {
            content: "Signed",
            trigger: ".o_support_signed",
        },
    ],
});
