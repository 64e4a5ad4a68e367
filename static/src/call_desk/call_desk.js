import {
    Component,
    onMounted,
    onPatched,
    onWillStart,
    useRef,
    useState,
} from "@odoo/owl";
import {Layout} from "@web/search/layout";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useHotkey} from "@web/core/hotkeys/hotkey_hook";
import {useService} from "@web/core/utils/hooks";

const MODEL = "support.call";

/** What the screen remembers of one call; a new one begins with all of it fresh. */
function newCall() {
    return {
        code: "",
        number: "",
        text: "",
        refused: "",
        matches: [],
        matchedBy: "",
        desk: null,
        callerId: false,
        topic: "",
        noteOn: false,
        note: "",
        result: null,
    };
}

/**
 * The screen for a call that comes in: who it is (support code, phone number, search),
 * what is known, and what becomes of it. Made for the keyboard: Enter goes on, Escape
 * starts over, and the focus is always where the next thing is typed.
 */
export class SupportCallDesk extends Component {
    static template = "support_contract.CallDesk";
    static components = {Layout};
    static props = {...standardActionServiceProps};
    static path = "incoming-call";
    static displayName = _t("Incoming Call");

    setup() {
        this.env.config.setDisplayName(_t("Incoming Call"));
        this.action = useService("action");
        this.orm = useService("orm");
        this.root = useRef("root");
        this.display = {controlPanel: {}};
        this.state = useState({...newCall(), open: null, busy: false});
        this.focusOn = "code";
        useHotkey("escape", () => this.startOver());
        onWillStart(async () => {
            this.state.open = await this.orm.call(MODEL, "desk_open");
            const {params, context} = this.props.action;
            const phone = params?.phone || context?.phone;
            if (phone) {
                // links of telephony: "+" of a URL arrives as a space
                const typed = String(phone).replace(/^ (?=\d)/, "+");
                this.state.number = typed.trim();
                await this.findPhone();
            }
        });
        onMounted(() => this.applyFocus());
        onPatched(() => this.applyFocus());
    }

    // -- focus ---------------------------------------------------------------

    focus(name) {
        this.focusOn = name;
    }

    applyFocus() {
        if (!this.focusOn) {
            return;
        }
        const element = this.root.el.querySelector(`[data-focus="${this.focusOn}"]`);
        if (element) {
            element.focus();
            if (element.select) {
                element.select();
            }
            this.focusOn = "";
        }
    }

    /** Arrow keys go through the contacts that were found. */
    onMatchKeydown(ev) {
        const step = {
            ArrowDown: "nextElementSibling",
            ArrowUp: "previousElementSibling",
        };
        const next = step[ev.key] && ev.currentTarget[step[ev.key]];
        if (next) {
            ev.preventDefault();
            next.focus();
        }
    }

    // -- who is calling ------------------------------------------------------

    /** One question at a time: a second Enter waits for nothing and does nothing. */
    async ask(method, args) {
        if (this.state.busy) {
            return null;
        }
        this.state.busy = true;
        try {
            return await this.orm.call(MODEL, method, args);
        } finally {
            this.state.busy = false;
        }
    }

    async findCode() {
        if (!this.state.code.trim()) {
            return;
        }
        const answer = await this.ask("desk_find_code", [
            this.state.code,
            this.state.number,
        ]);
        this.show(answer, "code");
    }

    async findPhone() {
        const answer = await this.ask("desk_find_phone", [this.state.number]);
        this.show(answer, "phone");
    }

    async search() {
        const answer = await this.ask("desk_search", [this.state.text]);
        this.show(answer, "search");
    }

    async choose(partnerId) {
        const answer = await this.ask("desk_identify", [
            partnerId,
            this.state.matchedBy,
            this.state.number,
        ]);
        this.show(answer, this.state.matchedBy);
    }

    show(answer, by) {
        if (!answer) {
            return;
        }
        if (answer.call) {
            this.showCall(answer);
            return;
        }
        Object.assign(this.state, {
            refused: answer.refused || "",
            matches: answer.matches || [],
            matchedBy: by,
        });
        if (answer.number) {
            this.state.number = answer.number;
        }
        // a number of nobody is kept, and the code is asked for
        const next = by === "phone" && answer.number ? "code" : by;
        this.focus(this.state.matches.length ? "match" : next);
    }

    showCall(desk) {
        const known = desk.people.some((person) => person.id === desk.call.caller_id);
        Object.assign(this.state, newCall(), {
            desk,
            callerId: known ? desk.call.caller_id : false,
        });
        // while the phone is closed a call-back is offered first, and nothing refused
        this.focus(desk.hours.open ? "topic" : "callback");
    }

    // -- what is known -------------------------------------------------------

    get caller() {
        return this.state.desk.people.find(
            (person) => person.id === this.state.callerId
        );
    }

    /** Why the caller is perhaps not entitled to ask for help. */
    get callerWarning() {
        const {people} = this.state.desk;
        if (people.every((person) => person.allowed)) {
            return "";
        }
        if (!this.caller) {
            return _t("The contract names who may ask for help: choose the caller.");
        }
        return this.caller.allowed
            ? ""
            : _t("%s is not among those who may ask for help.", this.caller.name);
    }

    get identifiedBy() {
        return {
            code: _t("by support code"),
            phone: _t("by phone number"),
            search: _t("by search"),
            callback: _t("by call-back"),
        }[this.state.desk.call.identified_by];
    }

    stateClass(contract) {
        return (
            {
                active: "text-bg-success",
                signed: "text-bg-info",
                offered: "text-bg-info",
                suspended: "text-bg-warning",
            }[contract.state] || "text-bg-secondary"
        );
    }

    onCallerChange(ev) {
        this.state.callerId = parseInt(ev.target.value, 10) || false;
    }

    // -- what becomes of it --------------------------------------------------

    async openTicket() {
        if (!this.state.topic.trim()) {
            return;
        }
        const answer = await this.ask("desk_open_ticket", [
            [this.state.desk.call.id],
            this.state.topic,
            this.state.callerId,
        ]);
        if (answer) {
            this.finish({
                text: _t("Ticket %s opened.", answer.name),
                more: answer.cover,
                model: "helpdesk.ticket",
                id: answer.ticket_id,
            });
        }
    }

    startNote(ticketId) {
        this.state.noteOn = ticketId;
        this.state.note = "";
        this.focus("note");
    }

    async addToTicket() {
        const answer = await this.ask("desk_add_to_ticket", [
            [this.state.desk.call.id],
            this.state.noteOn,
            this.state.note,
            this.state.callerId,
        ]);
        if (answer) {
            this.finish({
                text: _t("Call added to ticket %s.", answer.name),
                model: "helpdesk.ticket",
                id: answer.ticket_id,
            });
        }
    }

    /** The call-back in a window, filled in with what is known. */
    async openCallback() {
        const {call, customer} = this.state.desk;
        const views = [[false, "form"]];
        await this.action.doAction(
            {
                type: "ir.actions.act_window",
                name: _t("Call-Back"),
                res_model: "support.callback",
                views,
                target: "new",
                context: {
                    form_view_ref: "support_contract.support_callback_view_form_desk",
                    default_call_id: call.id,
                    default_company_id: call.company_id,
                    default_partner_id: this.state.callerId || customer.id,
                    default_contract_id: call.contract_id,
                    default_number: call.number || this.caller?.phone || customer.phone,
                    default_topic: this.state.topic,
                },
            },
            {onClose: () => this.afterCallback()}
        );
    }

    async afterCallback() {
        const desk = await this.orm.call(MODEL, "desk_state", [
            [this.state.desk.call.id],
        ]);
        if (!desk.call.callback_id) {
            this.focus("callback");
            this.render();
            return;
        }
        const callback = desk.callbacks.find((one) => one.id === desk.call.callback_id);
        this.finish({
            text: _t("Call-back recorded."),
            more: callback ? _t("Due %s.", callback.due) : "",
            model: "support.callback",
            id: desk.call.callback_id,
        });
    }

    async endCall() {
        await this.ask("desk_finish", [[this.state.desk.call.id]]);
        this.startOver();
    }

    finish(result) {
        this.state.result = result;
        this.focus("next");
    }

    openRecord(model, id) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    async startOver() {
        Object.assign(this.state, newCall());
        this.focus("code");
        this.state.open = await this.orm.call(MODEL, "desk_open");
    }
}

registry.category("actions").add("support_call_desk", SupportCallDesk);
