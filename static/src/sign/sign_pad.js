import {
    Component,
    onMounted,
    onWillUnmount,
    useExternalListener,
    useRef,
    useState,
} from "@odoo/owl";
import {NameAndSignature} from "@web/core/signature/name_and_signature";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

/**
 * Odoo's pad with buttons that have a text and are reached by keyboard: who cannot draw
 * lets his name be written. The name is the one of the form.
 */
export class SupportNameAndSignature extends NameAndSignature {
    static template = "support_contract.NameAndSignature";
    static props = {...NameAndSignature.props, invalid: {type: Boolean}};

    setup() {
        super.setup();
        this.shown = useState(this.props.signature);
        const onName = (ev) => this.onInputSignName(ev);
        onMounted(() => {
            const form = this.signatureRef.el.closest("form");
            this.nameInput = form.querySelector("input[name=signer]");
            this.props.signature.name = this.nameInput.value;
            this.nameInput.addEventListener("input", onName);
        });
        onWillUnmount(() => this.nameInput.removeEventListener("input", onName));
    }

    /** What the box shows, for those who do not see it. */
    get signatureText() {
        if (this.shown.isSignatureEmpty) {
            return this.state.signMode === "auto"
                ? _t("Your signature is empty: please enter your name.")
                : _t("Your signature is empty.");
        }
        return this.state.signMode === "auto"
            ? _t("Your signature: %s", this.shown.name)
            : _t("Your signature is drawn.");
    }

    onInputSignName(ev) {
        super.onInputSignName(ev);
        if (this.state.signMode === "auto" && !this.getCleanedName().trim()) {
            this.props.onSignatureChange("auto");
        }
    }

    /** Several at once, as somebody types: only the last one is drawn. */
    printImage(source) {
        this.clear();
        const image = new Image();
        this.latest = image;
        const printed = new Promise((resolve) => {
            image.onload = () => {
                if (this.latest === image) {
                    const {canvas} = this.signaturePad;
                    this.clear();
                    canvas
                        .getContext("2d")
                        .drawImage(image, 0, 0, canvas.width, canvas.height);
                    this.signaturePad._isEmpty = false;
                    this.props.signature.isSignatureEmpty = false;
                    this.props.onSignatureChange(this.state.signMode);
                }
                resolve();
            };
            image.onerror = resolve;
        });
        // a name may hold what ends a URL
        image.src = source.replaceAll("#", "%23");
        this.props.signature.printed = printed;
        return printed;
    }

    setMode(mode, reset) {
        // a name that is still being drawn is not wanted any more
        this.latest = null;
        super.setMode(mode, reset);
    }
}

/** The pad inside a form: what is drawn is posted with it. */
export class SupportSignPad extends Component {
    static template = "support_contract.SignPad";
    static components = {SupportNameAndSignature};
    static props = {};

    setup() {
        this.root = useRef("root");
        this.state = useState({image: "", missing: false});
        this.signature = useState({
            name: "",
            isSignatureEmpty: true,
            printed: null,
            getSignatureImage: () => "",
            resetSignature: () => undefined,
        });
        const onSubmit = (ev) => this.onSubmit(ev);
        onMounted(() => {
            this.form = this.root.el.closest("form");
            this.form.addEventListener("submit", onSubmit);
        });
        onWillUnmount(() => this.form.removeEventListener("submit", onSubmit));
        useExternalListener(window, "resize", this.onResize);
    }

    /** Keep what is drawn in the form. */
    onSignatureChange() {
        const empty = this.signature.isSignatureEmpty;
        this.state.image = empty ? "" : this.signature.getSignatureImage();
        this.state.missing = this.state.missing && empty;
    }

    async onSubmit(ev) {
        if (!this.state.image) {
            ev.preventDefault();
            // Enter in the field of the name: it may just be drawn
            await this.signature.printed;
            if (this.state.image && !this.submitted) {
                this.submitted = true;
                this.form.requestSubmit(ev.submitter);
                return;
            }
            this.state.missing = true;
            this.root.el.querySelector("button").focus();
            return;
        }
        this.form.elements.signature.value = this.state.image;
        // A second press would meet a link that is used up
        this.form.querySelector("button[type=submit]").disabled = true;
    }

    /** A pad that is still empty follows the width of the page. */
    onResize() {
        if (!this.state.image) {
            this.signature.resetSignature();
        }
    }
}

registry.category("public_components").add("support_contract.sign_pad", SupportSignPad);
