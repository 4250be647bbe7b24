-- revisions, requests and people
CREATE TABLE layout (
	version INTEGER NOT NULL, 
	name VARCHAR(64) NOT NULL, 
	applied_at_ns BIGINT NOT NULL, 
	PRIMARY KEY (version)
);
CREATE TABLE revision (
	revision BIGINT NOT NULL, 
	intent_id VARCHAR(64) NOT NULL, 
	actor_id TEXT NOT NULL, 
	before_json TEXT, 
	after_json TEXT NOT NULL, 
	effective_at_ns BIGINT NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	request_number INTEGER, 
	stage INTEGER NOT NULL, 
	step VARCHAR(32) NOT NULL, 
	PRIMARY KEY (revision)
);
CREATE TABLE request (
	number INTEGER NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	content_json TEXT NOT NULL, 
	content_digest VARCHAR(128) NOT NULL, 
	base_revision BIGINT NOT NULL, 
	requester TEXT NOT NULL, 
	last_editor TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	decision_record TEXT NOT NULL, 
	exception TEXT, 
	evidence_digest VARCHAR(128) NOT NULL, 
	evidence_frozen_at_ns BIGINT NOT NULL, 
	created_at_ns BIGINT NOT NULL, 
	edited_at_ns BIGINT NOT NULL, 
	closed_at_ns BIGINT, 
	closed_by TEXT, 
	closed_because TEXT, 
	PRIMARY KEY (number)
);
CREATE INDEX request_by_state ON request (state);
CREATE TABLE request_editor (
	request_number INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	operator_id TEXT NOT NULL, 
	PRIMARY KEY (request_number, position), 
	FOREIGN KEY(request_number) REFERENCES request (number)
);
CREATE TABLE approval (
	request_number INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	approver_id TEXT NOT NULL, 
	content_digest VARCHAR(128) NOT NULL, 
	base_revision BIGINT NOT NULL, 
	evidence_digest VARCHAR(128) NOT NULL, 
	at_ns BIGINT NOT NULL, 
	PRIMARY KEY (request_number, position), 
	UNIQUE (request_number, approver_id, content_digest, base_revision, evidence_digest), 
	FOREIGN KEY(request_number) REFERENCES request (number)
);
CREATE TABLE evidence (
	digest VARCHAR(128) NOT NULL, 
	data BLOB NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	PRIMARY KEY (digest)
);
CREATE TABLE operator (
	operator_id TEXT NOT NULL, 
	added_by TEXT, 
	added_at_ns BIGINT NOT NULL, 
	granted_by TEXT, 
	granted_at_ns BIGINT NOT NULL, 
	disabled_at_ns BIGINT, 
	PRIMARY KEY (operator_id)
);
CREATE TABLE operator_role (
	operator_id TEXT NOT NULL, 
	role VARCHAR(32) NOT NULL, 
	PRIMARY KEY (operator_id, role), 
	FOREIGN KEY(operator_id) REFERENCES operator (operator_id)
);
CREATE TABLE token (
	token_id VARCHAR(32) NOT NULL, 
	secret_digest VARCHAR(64) NOT NULL, 
	operator_id TEXT NOT NULL, 
	scope VARCHAR(16) NOT NULL, 
	created_by TEXT, 
	created_at_ns BIGINT NOT NULL, 
	expires_at_ns BIGINT, 
	revoked_at_ns BIGINT, 
	last_used_ns BIGINT, 
	PRIMARY KEY (token_id), 
	UNIQUE (secret_digest), 
	FOREIGN KEY(operator_id) REFERENCES operator (operator_id)
);
CREATE TABLE setting (
	name VARCHAR(64) NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE owed (
	owed_id INTEGER NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	revision BIGINT NOT NULL, 
	operator_id TEXT NOT NULL, 
	since_ns BIGINT NOT NULL, 
	due_ns BIGINT NOT NULL, 
	given_at_ns BIGINT, 
	given_by TEXT, 
	text TEXT, 
	PRIMARY KEY (owed_id)
);
CREATE TRIGGER revision_no_update BEFORE UPDATE ON revision BEGIN SELECT RAISE(ABORT, 'revision is append-only'); END;
CREATE TRIGGER revision_no_delete BEFORE DELETE ON revision BEGIN SELECT RAISE(ABORT, 'revision is append-only'); END;
CREATE TRIGGER approval_no_update BEFORE UPDATE ON approval BEGIN SELECT RAISE(ABORT, 'approval is append-only'); END;
CREATE TRIGGER approval_no_delete BEFORE DELETE ON approval BEGIN SELECT RAISE(ABORT, 'approval is append-only'); END;
CREATE TRIGGER evidence_no_update BEFORE UPDATE ON evidence BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END;
CREATE TRIGGER evidence_no_delete BEFORE DELETE ON evidence BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END;
