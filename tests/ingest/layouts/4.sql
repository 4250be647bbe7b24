-- what lines claim
CREATE TABLE line_claim (              -- what v2 lines say beyond v1, as their executors say it
    source_id          INTEGER NOT NULL,  -- with offset and index: the line, as in telemetry
    line_offset        BIGINT NOT NULL,
    record_index       INTEGER NOT NULL,
    emitted_ns         BIGINT,            -- by the executor's clock
    controls_revision  BIGINT,
    gate               VARCHAR,           -- null: all passed
    rule_id            VARCHAR,
    bucket             UTINYINT NOT NULL,
    attempt            INTEGER NOT NULL,  -- calls to the model
    model              VARCHAR,
    input_tokens       BIGINT,            -- all three null: not known of every call
    output_tokens      BIGINT,
    total_tokens       BIGINT,
    request_id         VARCHAR,
    contradiction      VARCHAR            -- why gate and calls cannot fit the rest of the line
);
