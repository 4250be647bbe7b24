CREATE INDEX bad_output_by_revision ON bad_output (revision);
CREATE INDEX request_by_state ON request (state);
CREATE INDEX review_by_evidence ON review (evidence_digest);
CREATE INDEX review_by_revision ON review (revision);
CREATE INDEX review_by_step ON review (step);
CREATE UNIQUE INDEX run_view_by_age ON run_view (created_seq);
CREATE INDEX run_view_by_state ON run_view (state, created_seq);
CREATE INDEX task_event_by_task ON task_event (task_id, seq);
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
CREATE TABLE audit_checkpoint (
	size BIGINT NOT NULL, 
	root VARCHAR(64) NOT NULL, 
	note TEXT NOT NULL, 
	at_ns BIGINT NOT NULL, 
	PRIMARY KEY (size)
);
CREATE TABLE audit_late_file (
	name TEXT NOT NULL, 
	size BIGINT NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE audit_record (
	seq BIGINT NOT NULL, 
	body BLOB NOT NULL, 
	leaf VARCHAR(64) NOT NULL, 
	PRIMARY KEY (seq), 
	CONSTRAINT audit_record_counts_from_1 CHECK (seq > 0)
);
CREATE TABLE bad_output (
	report_id INTEGER NOT NULL, 
	job_id TEXT NOT NULL, 
	revision BIGINT NOT NULL, 
	reason TEXT NOT NULL, 
	reported_by TEXT NOT NULL, 
	at_ns BIGINT NOT NULL, 
	withdrawn_at_ns BIGINT, 
	withdrawn_by TEXT, 
	withdrawn_because TEXT, 
	PRIMARY KEY (report_id)
);
CREATE TABLE drill (
	drill_id INTEGER NOT NULL, 
	request_number INTEGER NOT NULL, 
	actor_id TEXT NOT NULL, 
	base_revision BIGINT NOT NULL, 
	began_at_ns BIGINT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	kill_revision BIGINT, 
	killed_at_ns BIGINT, 
	confirmed_at_ns BIGINT, 
	restored_revision BIGINT, 
	ended_at_ns BIGINT, 
	words TEXT NOT NULL, 
	PRIMARY KEY (drill_id), 
	FOREIGN KEY(request_number) REFERENCES request (number)
);
CREATE TABLE evidence (
	digest VARCHAR(128) NOT NULL, 
	data BLOB NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	PRIMARY KEY (digest)
);
CREATE TABLE keyed_call (
	operator_id TEXT NOT NULL, 
	"key" VARCHAR(255) NOT NULL, 
	request_digest VARCHAR(64) NOT NULL, 
	begun_at_ns BIGINT NOT NULL, 
	status INTEGER, 
	body_json TEXT, 
	PRIMARY KEY (operator_id, "key")
);
CREATE TABLE layout (
	version INTEGER NOT NULL, 
	name VARCHAR(64) NOT NULL, 
	applied_at_ns BIGINT NOT NULL, 
	PRIMARY KEY (version)
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
CREATE TABLE password (
	operator_id TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	set_at_ns BIGINT NOT NULL, 
	PRIMARY KEY (operator_id), 
	FOREIGN KEY(operator_id) REFERENCES operator (operator_id)
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
CREATE TABLE request_comment (
	request_number INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	author TEXT NOT NULL, 
	at_ns BIGINT NOT NULL, 
	text TEXT NOT NULL, 
	PRIMARY KEY (request_number, position), 
	FOREIGN KEY(request_number) REFERENCES request (number)
);
CREATE TABLE request_editor (
	request_number INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	operator_id TEXT NOT NULL, 
	PRIMARY KEY (request_number, position), 
	FOREIGN KEY(request_number) REFERENCES request (number)
);
CREATE TABLE review (
	review_id INTEGER NOT NULL, 
	at_ns BIGINT NOT NULL, 
	revision BIGINT NOT NULL, 
	step VARCHAR(32) NOT NULL, 
	verdict VARCHAR(32) NOT NULL, 
	moment VARCHAR(16) NOT NULL, 
	actor_id TEXT NOT NULL, 
	request_number INTEGER, 
	evidence_digest VARCHAR(128), 
	PRIMARY KEY (review_id)
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
CREATE TABLE run_view (
	task_id VARCHAR(64) NOT NULL, 
	created_seq BIGINT NOT NULL, 
	job_id TEXT NOT NULL, 
	most_runs INTEGER NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	run INTEGER NOT NULL, 
	actor_id TEXT, 
	renewed_at_ns BIGINT, 
	lease_until_ns BIGINT, 
	artifact_digest VARCHAR(128), 
	last_seq BIGINT NOT NULL, 
	last_kind VARCHAR(16) NOT NULL, 
	last_at_ns BIGINT NOT NULL, 
	terminal_seq BIGINT, 
	terminal_kind VARCHAR(16), 
	PRIMARY KEY (task_id)
);
CREATE TABLE setting (
	name VARCHAR(64) NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE statement (
	statement_id INTEGER NOT NULL, 
	item TEXT NOT NULL, 
	text TEXT NOT NULL, 
	link TEXT NOT NULL, 
	author TEXT NOT NULL, 
	at_ns BIGINT NOT NULL, 
	expires_ns BIGINT, 
	withdrawn_at_ns BIGINT, 
	withdrawn_by TEXT, 
	withdrawn_because TEXT, 
	PRIMARY KEY (statement_id)
);
CREATE TABLE task_artifact (
	task_id VARCHAR(64) NOT NULL, 
	run INTEGER NOT NULL, 
	digest VARCHAR(128) NOT NULL, 
	data BLOB NOT NULL, 
	actor_id TEXT NOT NULL, 
	at_ns BIGINT NOT NULL, 
	PRIMARY KEY (task_id, run)
);
CREATE TABLE task_event (
	seq BIGINT NOT NULL, 
	task_id VARCHAR(64) NOT NULL, 
	run INTEGER NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	actor_id TEXT NOT NULL, 
	at_ns BIGINT NOT NULL, 
	lease_ns BIGINT, 
	artifact_digest VARCHAR(128), 
	outcome VARCHAR(16) NOT NULL, 
	reason_codes TEXT NOT NULL, 
	detail_json TEXT NOT NULL, 
	PRIMARY KEY (seq)
);
CREATE TABLE threshold (
	version_number INTEGER NOT NULL, 
	document_json TEXT NOT NULL, 
	actor_id TEXT NOT NULL, 
	at_ns BIGINT NOT NULL, 
	request_number INTEGER, 
	PRIMARY KEY (version_number)
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
CREATE TRIGGER approval_no_delete BEFORE DELETE ON approval BEGIN SELECT RAISE(ABORT, 'approval is append-only'); END;
CREATE TRIGGER approval_no_update BEFORE UPDATE ON approval BEGIN SELECT RAISE(ABORT, 'approval is append-only'); END;
CREATE TRIGGER audit_checkpoint_no_delete BEFORE DELETE ON audit_checkpoint BEGIN SELECT RAISE(ABORT, 'audit_checkpoint is append-only'); END;
CREATE TRIGGER audit_checkpoint_no_update BEFORE UPDATE ON audit_checkpoint BEGIN SELECT RAISE(ABORT, 'audit_checkpoint is append-only'); END;
CREATE TRIGGER audit_record_no_delete BEFORE DELETE ON audit_record BEGIN SELECT RAISE(ABORT, 'audit_record is append-only'); END;
CREATE TRIGGER audit_record_no_update BEFORE UPDATE ON audit_record BEGIN SELECT RAISE(ABORT, 'audit_record is append-only'); END;
CREATE TRIGGER evidence_no_delete BEFORE DELETE ON evidence BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END;
CREATE TRIGGER evidence_no_update BEFORE UPDATE ON evidence BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END;
CREATE TRIGGER request_comment_no_delete BEFORE DELETE ON request_comment BEGIN SELECT RAISE(ABORT, 'request_comment is append-only'); END;
CREATE TRIGGER request_comment_no_update BEFORE UPDATE ON request_comment BEGIN SELECT RAISE(ABORT, 'request_comment is append-only'); END;
CREATE TRIGGER review_no_delete BEFORE DELETE ON review BEGIN SELECT RAISE(ABORT, 'review is append-only'); END;
CREATE TRIGGER review_no_update BEFORE UPDATE ON review BEGIN SELECT RAISE(ABORT, 'review is append-only'); END;
CREATE TRIGGER revision_no_delete BEFORE DELETE ON revision BEGIN SELECT RAISE(ABORT, 'revision is append-only'); END;
CREATE TRIGGER revision_no_update BEFORE UPDATE ON revision BEGIN SELECT RAISE(ABORT, 'revision is append-only'); END;
CREATE TRIGGER task_artifact_no_delete BEFORE DELETE ON task_artifact BEGIN SELECT RAISE(ABORT, 'task_artifact is append-only'); END;
CREATE TRIGGER task_artifact_no_update BEFORE UPDATE ON task_artifact BEGIN SELECT RAISE(ABORT, 'task_artifact is append-only'); END;
CREATE TRIGGER task_event_no_delete BEFORE DELETE ON task_event BEGIN SELECT RAISE(ABORT, 'task_event is append-only'); END;
CREATE TRIGGER task_event_no_update BEFORE UPDATE ON task_event BEGIN SELECT RAISE(ABORT, 'task_event is append-only'); END;
CREATE TRIGGER threshold_no_delete BEFORE DELETE ON threshold BEGIN SELECT RAISE(ABORT, 'threshold is append-only'); END;
CREATE TRIGGER threshold_no_update BEFORE UPDATE ON threshold BEGIN SELECT RAISE(ABORT, 'threshold is append-only'); END;
