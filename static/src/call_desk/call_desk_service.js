import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";

export const DESK_HOTKEY = "alt+shift+c";

/** Lets technicians open the call desk from wherever they are. */
export const callDeskService = {
    dependencies: ["action", "command"],
    async start(env, {action, command}) {
        if (!(await user.hasGroup("helpdesk_mgmt.group_helpdesk_user_own"))) {
            return;
        }
        command.add(
            _t("Incoming Call"),
            () =>
                action.doAction("support_contract.support_call_desk_action", {
                    clearBreadcrumbs: true,
                }),
            {hotkey: DESK_HOTKEY, global: true}
        );
    },
};

registry.category("services").add("support_call_desk", callDeskService);
