import {
    Component,
    onMounted,
    onWillUnmount,
    useExternalListener,
    useRef,
    useState,
} from "@odoo/owl";
import {NameAndSignature} from "@web/core/signature/name_and_signature";
import {registry} from "@web/core/registry";

/** The pad inside a form: what is drawn is posted with it. */
export class SupportSignPad extends Component {
    static template = "support_contract.SignPad";
    static components = {NameAndSignature};
    static props = {};

    setup() {
        this.root = useRef("root");
        this.state = useState({image: "", missing: false});
        this.signature = useState({
            name: "",
            isSignatureEmpty: true,
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

    onSubmit(ev) {
        if (!this.state.image) {
            ev.preventDefault();
            this.state.missing = true;
            return;
        }
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
