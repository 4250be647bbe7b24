-- calls by idempotency key
CREATE TABLE keyed_call (
	operator_id TEXT NOT NULL, 
	"key" VARCHAR(255) NOT NULL, 
	request_digest VARCHAR(64) NOT NULL, 
	begun_at_ns BIGINT NOT NULL, 
	status INTEGER, 
	body_json TEXT, 
	PRIMARY KEY (operator_id, "key")
);
