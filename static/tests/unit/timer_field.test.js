import {animationFrame, expect, mockDate, queryAllTexts, test} from "@odoo/hoot";
import {defineModels, fields, models, mountView} from "@web/../tests/web_test_helpers";
import {advanceTime} from "@odoo/hoot-mock";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {formatElapsed} from "@support_contract/timer/timer_field";

class Work extends models.Model {
    _name = "work";

    start = fields.Datetime();

    _records = [
        {id: 1, start: "2026-11-20 08:00:00"},
        {id: 2, start: false},
    ];
}

defineMailModels();
defineModels([Work]);

async function mountTimer(resId) {
    mockDate("2026-11-20 09:59:58", 0);
    await mountView({
        type: "form",
        resModel: "work",
        resId,
        arch: `<form><field name="start" widget="support_timer" readonly="1"/></form>`,
    });
}

test("seconds are shown as hours, minutes and seconds", () => {
    expect(formatElapsed(0)).toBe("0:00:00");
    expect(formatElapsed(3599.9)).toBe("0:59:59");
    expect(formatElapsed(36061)).toBe("10:01:01");
    // a browser whose clock is behind
    expect(formatElapsed(-5)).toBe("0:00:00");
});

test("the timer goes on by itself", async () => {
    await mountTimer(1);
    const shown = () => queryAllTexts(".o_support_timer");
    expect(shown()).toEqual(["1:59:58"]);
    await advanceTime(3000);
    await animationFrame();
    expect(shown()).toEqual(["2:00:01"]);
});

test("nothing is shown of what has not started", async () => {
    await mountTimer(2);
    expect(".o_support_timer").toHaveCount(0);
});
