// The parser and the rules that a mistake breaks: layout is prettier's affair.
const {NODE_FOLDER} = process.env;
const js = require(`${NODE_FOLDER}/@eslint/js`);
const globals = require(`${NODE_FOLDER}/globals`);

module.exports = [
    js.configs.recommended,
    {
        files: ["static/**/*.js"],
        languageOptions: {
            ecmaVersion: 2024,
            sourceType: "module",
            globals: {...globals.browser, luxon: "readonly", odoo: "readonly"},
        },
        rules: {
            eqeqeq: "error",
            "no-duplicate-imports": "error",
            "no-eval": "error",
            "no-lonely-if": "error",
            "no-return-assign": "error",
            "no-unneeded-ternary": "error",
            "no-unused-expressions": "error",
            "no-use-before-define": "error",
            "operator-assignment": ["error", "always"],
            "prefer-const": "error",
            radix: "error",
            "spaced-comment": ["error", "always"],
        },
    },
];
