import {_t} from "@web/core/l10n/translation";
import {localization} from "@web/core/l10n/localization";
import {formatCurrency, getCurrency} from "@web/core/currency";
import {user} from "@web/core/user";

/** What a quantity must stay below, as in tools/quantity.py. */
const LIMIT = 1e12;

export class QuantityError extends Error {}

function splitAt(text, separator) {
    const position = text.lastIndexOf(separator);
    return position < 0
        ? [text]
        : [text.slice(0, position), text.slice(position + separator.length)];
}

/**
 * @param {String} text what a person typed, without currency symbol
 * @returns {Number} with "." or "," as decimal point, whatever the language
 */
function parseDecimal(text) {
    const {decimalPoint, thousandsSep} = localization;
    let number = text.replace(/[\s\u00a0\u202f]/g, "");
    if (thousandsSep && /^-?\d{1,3}(\D\d{3})+(\D\d+)?$/.test(number)) {
        const [whole, decimals] = splitAt(number, decimalPoint);
        const groups = whole.replace("-", "").split(thousandsSep);
        if (groups.slice(1).every((group) => group.length === 3)) {
            number =
                (number[0] === "-" ? "-" : "") +
                groups.join("") +
                (decimals === undefined ? "" : `.${decimals}`);
        }
    }
    number = number.replace(",", ".");
    if (!/^-?(\d+\.?\d*|\.\d+)$/.test(number)) {
        throw new QuantityError(text);
    }
    return Number(number);
}

/** 3:30, 3.5 and 3,5 hours are 210 minutes. */
export function parseMinutes(text) {
    const parts = text.match(/^(-?)(\d+):([0-5]?\d)$/);
    if (parts) {
        const minutes = Number(parts[2]) * 60 + Number(parts[3]);
        return parts[1] ? -minutes : minutes;
    }
    const minutes = parseDecimal(text.replace(",", ".")) * 60;
    const whole = Math.round(minutes);
    if (Math.abs(minutes - whole) > 1e-6) {
        throw new QuantityError(text);
    }
    return whole;
}

function parseMoney(text, currencyId) {
    const currency = getCurrency(currencyId);
    const amount = parseDecimal(currency ? text.replace(currency.symbol, "") : text);
    const digits = currency ? currency.digits[1] : 2;
    if (Math.abs(amount - Number(amount.toFixed(digits))) > 1e-9) {
        throw new QuantityError(text);
    }
    return amount;
}

function parseWhole(text) {
    if (!/^-?\d+$/.test(text)) {
        throw new QuantityError(text);
    }
    return Number(text);
}

/**
 * A quantity of a unit from what a person typed.
 *
 * @param {String} text
 * @param {String} unit "time", "money" or "ticket"
 * @param {Number} [currencyId]
 * @returns {Number} minutes, amount or tickets
 * @throws {QuantityError} if it is none, is empty, or is finer than the unit
 */
export function parseQuantity(text, unit, currencyId) {
    const typed = (text || "").trim();
    let quantity = NaN;
    if (unit === "time") {
        quantity = parseMinutes(typed);
    } else if (unit === "money") {
        quantity = parseMoney(typed, currencyId || user.activeCompany.currency_id);
    } else {
        quantity = parseWhole(typed);
    }
    if (!Number.isFinite(quantity) || Math.abs(quantity) >= LIMIT) {
        throw new QuantityError(typed);
    }
    return quantity;
}

/** Minutes as h:mm, as in tools/quantity.py. */
export function formatMinutes(value) {
    const minutes = Math.abs(Math.round(value || 0));
    const rest = String(minutes % 60).padStart(2, "0");
    return `${value < 0 ? "-" : ""}${Math.floor(minutes / 60)}:${rest}`;
}

/**
 * A quantity as people read it: 3:30 h, 90.00 €, 4 tickets.
 *
 * @param {Number} value
 * @param {String} unit
 * @param {Number} [currencyId]
 * @param {Object} [options]
 * @param {Boolean} [options.bare] without the unit, for editing
 * @returns {String}
 */
export function formatQuantity(value, unit, currencyId, {bare = false} = {}) {
    if (value === false || value === undefined || value === null) {
        return "";
    }
    if (unit === "time") {
        return bare ? formatMinutes(value) : _t("%s h", formatMinutes(value));
    }
    if (unit === "money") {
        return formatCurrency(value, currencyId || user.activeCompany.currency_id, {
            noSymbol: bare,
        });
    }
    const count = Math.round(value);
    if (bare) {
        return String(count);
    }
    return Math.abs(count) === 1 ? _t("%s ticket", count) : _t("%s tickets", count);
}
