import {registry} from "@web/core/registry";

/** Draw as a finger does: down, along, up, and not all at once: the pad leaves out what
 * comes faster than it draws. */
async function draw(canvas) {
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

registry.category("web_tour.tours").add("support_sign_tour", {
    steps: () => [
        {
            content: "The technician's session is on this phone: hand it over",
            trigger: ".o_support_sign_hand_over",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The customer reads what was done",
            trigger: ".o_support_sign_text:contains(VAT codes)",
        },
        {
            content: "Nothing runs out of the small screen",
            trigger: ".o_support_sign_pad canvas",
            run() {
                const root = document.documentElement;
                if (root.scrollWidth > root.clientWidth) {
                    throw new Error(`${root.scrollWidth} > ${root.clientWidth}`);
                }
            },
        },
        {
            content: "Write a remark",
            trigger: "#support_sign_remark",
            run: "edit All is well",
        },
        {
            content: "Enter the name",
            trigger: "#support_sign_name",
            run: "edit Anna Alpha",
        },
        {
            content: "Sign without a drawing",
            trigger: ".o_support_sign_submit",
            run: "click",
        },
        {
            content: "It is asked for",
            trigger: ".o_support_sign_pad .text-danger",
        },
        {
            content: "Draw",
            trigger: ".o_support_sign_pad canvas",
            async run() {
                await draw(this.anchor);
            },
        },
        {
            content: "The drawing is in the form",
            trigger: ".o_support_sign_pad:not(:has(.text-danger))",
        },
        {
            content: "Sign",
            trigger: ".o_support_sign_submit",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Signed",
            trigger: ".o_support_signed",
        },
    ],
});
