"""Why a declaration doesn't fit its JSON Schema, in words: a person's file, not a program's."""

from __future__ import annotations

from jsonschema.exceptions import ValidationError


def place(fault: ValidationError) -> str:
    """Where in the file, as a dotted path; empty for the file as a whole."""
    return ".".join(str(part) for part in fault.absolute_path)


def reason(fault: ValidationError) -> str:
    """What is wrong there, in English."""
    match fault.validator:
        case "required":
            return f"{_missing(fault)} is missing"
        case "additionalProperties":
            return f"{_unknown(fault)} is not known here; known are: {_known(fault)}"
        case "enum":
            return f"{fault.instance} is not one of: {', '.join(map(str, fault.validator_value))}"
    return str(fault.message)


def reason_zh(fault: ValidationError) -> str:
    """What is wrong there, in Chinese."""
    match fault.validator:
        case "required":
            return f"缺少 {_missing(fault)}"
        case "additionalProperties":
            return f"此处没有 {_unknown(fault)} 这一项，可用的有：{_known(fault)}"
        case "enum":
            return f"{fault.instance} 不在可选值之内：{'、'.join(map(str, fault.validator_value))}"
    return f"不符合要求：{fault.message}"


def _missing(fault: ValidationError) -> str:
    return ", ".join(name for name in fault.validator_value if name not in fault.instance)


def _unknown(fault: ValidationError) -> str:
    return ", ".join(name for name in fault.instance if name not in fault.schema["properties"])


def _known(fault: ValidationError) -> str:
    return ", ".join(fault.schema["properties"])
