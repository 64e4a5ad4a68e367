import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {session} from "@web/session";

export const DESK_HOTKEY = "alt+shift+c";

/** Lets technicians open the call desk from wherever they are. */
export const callDeskService = {
    dependencies: ["action", "command"],
    start(env, {action, command}) {
        const open = async () => {
            await action.doAction("support_contract.support_call_desk_action", {
                clearBreadcrumbs: true,
            });
        };
        if (session.support_call_desk) {
            command.add(_t("Incoming Call"), open, {
                hotkey: DESK_HOTKEY,
                hotkeyOptions: {bypassEditableProtection: true},
                global: true,
            });
        }
    },
};

registry.category("services").add("support_call_desk", callDeskService);
