import {animationFrame, expect, hover, mockDate, queryAllTexts, test} from "@odoo/hoot";
import {defineModels, fields, models, mountView} from "@web/../tests/web_test_helpers";
import {advanceTime} from "@odoo/hoot-mock";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";

const BAR = {
    id: 1,
    kind: "First response",
    state: "running",
    open: true,
    paused: false,
    seconds: 3600,
    used: 2400,
    now: "2026-11-20 16:00:00",
    started_on: "2026-11-20 15:20:00",
    deadline: "2026-11-20 16:20:00",
    missed_on: false,
    risk_at: "2026-11-20 16:05:00",
    ended_on: false,
    hours: "Elapsed time",
    hours_from: false,
    earlier: 0,
    openings: [["2026-11-20 16:00:00", "2026-11-27 16:00:00"]],
    segments: [["counted", "2026-11-20 15:20:00", "2026-11-20 16:00:00"]],
};

class Ticket extends models.Model {
    _name = "ticket";

    bars = fields.Json();

    _records = [{id: 1, bars: [BAR]}];
}

defineMailModels();
defineModels([Ticket]);

async function mountBars() {
    // two years behind the server
    mockDate("2024-01-01 10:00:00", 0);
    await mountView({
        type: "form",
        resModel: "ticket",
        resId: 1,
        arch: `<form><field name="bars" widget="support_clock_bars" readonly="1"/></form>`,
    });
}

test("a bar goes on from the server's now, whatever the browser's clock says", async () => {
    await mountBars();
    const left = () => queryAllTexts(".o_support_clock_left");
    expect(left()).toEqual(["0:20 h left"]);
    expect(".progress-bar").toHaveClass("bg-success");
    await advanceTime(6 * 60 * 1000);
    await animationFrame();
    expect(left()).toEqual(["0:14 h left"]);
    expect(".progress-bar").toHaveClass("bg-warning");
    await advanceTime(5 * 60 * 1000);
    await animationFrame();
    expect(left()).toEqual(["9:00 min left"]);
    await advanceTime(19 * 60 * 1000);
    await animationFrame();
    expect(left()).toEqual(["late by 0:10 h"]);
    expect(".progress-bar").toHaveClass("bg-danger");
    expect("[role=progressbar]").toHaveAttribute("aria-valuenow", "100");
});

test("those who hear or hover learn as much as those who see", async () => {
    await mountBars();
    expect("[role=progressbar]").toHaveAttribute("aria-label", "First response");
    expect("[role=progressbar]").toHaveAttribute(
        "aria-valuetext",
        /^0:20 h left, due today, 4:20\sPM$/
    );
    await hover("[role=progressbar]");
    await advanceTime(300);
    await animationFrame();
    const rows = queryAllTexts(".o_support_clock_popover tbody tr");
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatch(/Counted\s+0:40 h/);
    expect(rows[1]).toMatch(/Still to count\s+0:20 h/);
});
