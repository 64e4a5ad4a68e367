/**
 * What the tours of the customer's pages share. They find everything by name, link,
 * class or role, never by words: each of them runs in several languages.
 */

/**
 * Nothing runs out of the screen, however small it is, and the page is in the language
 * of the first one.
 */
export function checkPage() {
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) {
        const wide = [...document.querySelectorAll("body *")].filter(
            (el) => el.getBoundingClientRect().right > root.clientWidth
        );
        const names = wide.map((el) => `${el.tagName}.${el.className}`);
        throw new Error(`${root.scrollWidth} > ${root.clientWidth}: ${names}`);
    }
    // without a choice of languages there is one only
    const shown = document.querySelector(".js_change_lang.active")?.dataset.url_code;
    const first = sessionStorage.getItem("support_tour_language");
    if (shown && first && shown !== first) {
        throw new Error(`${location.pathname} is in ${shown}, not in ${first}`);
    }
    sessionStorage.setItem("support_tour_language", first || shown || "");
}

/** A page, or what has come up on it. */
export const see = (content, trigger) => ({content, trigger, run: checkPage});

/** What leads to another page. */
export const go = (content, trigger) => ({
    content,
    trigger,
    run: "click",
    expectUnloadPage: true,
});

export const click = (content, trigger) => ({content, trigger, run: "click"});

export const edit = (content, trigger, text) => ({
    content,
    trigger,
    run: `edit ${text}`,
});

/** Put a file into an input, as a person chooses one. */
function put(input, file) {
    const transfer = new DataTransfer();
    transfer.items.add(file);
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", {bubbles: true}));
}

export const choose = (
    content,
    trigger,
    name,
    type = "text/plain",
    text = "lines"
) => ({
    content,
    trigger,
    run() {
        put(this.anchor, new File([text], name, {type}));
    },
});

/** A picture that is one. */
export const choosePicture = (content, trigger, name) => ({
    content,
    trigger,
    async run() {
        const canvas = document.createElement("canvas");
        canvas.width = canvas.height = 60;
        const context = canvas.getContext("2d");
        context.fillStyle = "navy";
        context.fillRect(10, 10, 40, 30);
        const blob = await new Promise((resolve) =>
            canvas.toBlob(resolve, "image/png")
        );
        put(this.anchor, new File([blob], name, {type: "image/png"}));
    },
});

/**
 * Draw as a finger does: down, along, up, and not all at once: the pad leaves out what
 * comes faster than it draws.
 */
export const draw = (content, trigger) => ({
    content,
    trigger,
    async run() {
        this.anchor.scrollIntoView({block: "center", behavior: "instant"});
        const {left, top, width, height} = this.anchor.getBoundingClientRect();
        const points = [
            [0.1, 0.7],
            [0.3, 0.2],
            [0.45, 0.8],
            [0.6, 0.3],
            [0.9, 0.6],
        ];
        const fire = (type, [x, y]) =>
            this.anchor.dispatchEvent(
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
    },
});
