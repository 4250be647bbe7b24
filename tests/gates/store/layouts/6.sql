-- tasks
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
CREATE INDEX task_event_by_task ON task_event (task_id, seq);
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
CREATE INDEX run_view_by_state ON run_view (state, created_seq);
CREATE UNIQUE INDEX run_view_by_age ON run_view (created_seq);
CREATE TABLE task_artifact (
	task_id VARCHAR(64) NOT NULL, 
	run INTEGER NOT NULL, 
	digest VARCHAR(128) NOT NULL, 
	data BLOB NOT NULL, 
	actor_id TEXT NOT NULL, 
	at_ns BIGINT NOT NULL, 
	PRIMARY KEY (task_id, run)
);
CREATE TRIGGER task_event_no_update BEFORE UPDATE ON task_event BEGIN SELECT RAISE(ABORT, 'task_event is append-only'); END;
CREATE TRIGGER task_event_no_delete BEFORE DELETE ON task_event BEGIN SELECT RAISE(ABORT, 'task_event is append-only'); END;
CREATE TRIGGER task_artifact_no_update BEFORE UPDATE ON task_artifact BEGIN SELECT RAISE(ABORT, 'task_artifact is append-only'); END;
CREATE TRIGGER task_artifact_no_delete BEFORE DELETE ON task_artifact BEGIN SELECT RAISE(ABORT, 'task_artifact is append-only'); END;
