"""The OpenAPI description of what `/v1/inside` answers where it tells what is read, and not only what is computed."""

from calame.service.schema_parts import COUNT, DIGIT, NUMBER, PNG, SHARE, TEXT, Schema, answer, array, obj, or_null, ref
from calame.service.schemas import NOT_READ, PICTURED

PACKED: Schema = {"type": "string", "description": "uint8 in base64, row by row."}
FLOATS = obj(
    ["shape", "floats"], shape=array(COUNT),
    floats={"type": "string", "description": "float32 in base64, little-endian, row by row."},
)  # fmt: skip
LEVELS = obj(
    ["name", "shape", "low", "high", "levels"], name=TEXT, shape=array(COUNT), low=NUMBER, high=NUMBER,
    levels={"type": "string", "description": "uint8 in base64, maps first, from low at 0 to high at 255."},
)  # fmt: skip
SHARES: Schema = {
    **array(SHARE, minItems=10, maxItems=10),
    "description": "Of one look of the network, as its softmax gives them: not calibrated.",
}
READER: Schema = {
    **obj(
        ["digit", "confidence", "rejected", "looks", "calibrated"],
        digit=or_null(DIGIT), confidence=SHARE, rejected=NOT_READ,
        looks={**COUNT, "description": "Of how many views this is the mean: in doubt, the reader looks again."},
        calibrated={"type": "boolean", "description": "Whether the model was calibrated."},
    ),
    "description": "What /v1/digits answers for this picture, calibrated.",
}  # fmt: skip
LOOK: Schema = PICTURED | {
    "responses": {
        "200": answer(
            obj(
                ["reading", "stages"],
                reading={**or_null(ref("Reading")), "description": "null where the picture came prepared."},
                stages=array(LEVELS), prepared=PNG, pixels=PACKED, probabilities=SHARES, reader=READER,
            ),
            "Every column's values; no columns where there is no ink.",
        )
    }
}  # fmt: skip
FLIP: Schema = PICTURED | {
    "responses": {
        "200": answer(
            obj(
                ["found"],
                found={"type": "boolean"},
                budget={**COUNT, "description": "Grey levels a pixel within which nothing was found."},
                before={**DIGIT, "description": "What one look of the network answers."},
                after={**DIGIT, "description": "What one look of the network answers when the picture is changed."},
                level={**COUNT, "description": "No pixel changed by more grey levels, of 255."},
                method={"type": "string", "enum": ["FGSM", "PGD"]},
                pixels={**COUNT, "description": "How many changed."},
                picture=PNG, change=FLOATS,
                probabilities={**array(SHARES, minItems=2, maxItems=2), "description": "Before and after."},
                reader={**READER, "description": "What /v1/digits answers for the changed picture, calibrated."},
            ),
            "The smallest change found, and what is read then.",
        )
    }
}  # fmt: skip
