-- A store as the first version of its tables left it (step 1 of `store/schema.rs`), with a request in each state; times that could be over are in 2100.
-- What was released is never changed, so this is not either.
CREATE TABLE schema_version (id BIGINT PRIMARY KEY, version BIGINT NOT NULL);
INSERT INTO schema_version (id, version) VALUES (1, 1);
CREATE TABLE requests (
    id TEXT PRIMARY KEY,
    filter TEXT NOT NULL,
    binding TEXT NOT NULL,
    status TEXT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    ended BIGINT,
    approved_until BIGINT,
    remaining BIGINT NOT NULL,
    review TEXT NOT NULL,
    subject TEXT NOT NULL,
    client TEXT,
    search TEXT NOT NULL,
    asked TEXT NOT NULL,
    reviewed TEXT
);
CREATE INDEX requests_by_time ON requests (created, id);
CREATE INDEX requests_by_status ON requests (status, expires);
CREATE INDEX requests_by_subject ON requests (filter, subject, status);
CREATE INDEX requests_by_person ON requests (subject, created);
CREATE TABLE request_groups (
    request TEXT NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    PRIMARY KEY (request, name)
);
CREATE TABLE idempotency_keys (
    filter TEXT NOT NULL,
    name TEXT NOT NULL,
    request TEXT NOT NULL,
    PRIMARY KEY (filter, name)
);
CREATE TABLE decisions (
    request TEXT NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    decision TEXT NOT NULL,
    PRIMARY KEY (request, number)
);
CREATE TABLE uses (
    request TEXT NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    at BIGINT NOT NULL,
    remaining BIGINT NOT NULL,
    PRIMARY KEY (request, name)
);
CREATE TABLE journal (
    seq BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    request TEXT,
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX journal_by_request ON journal (request, seq);
CREATE TABLE journal_head (
    id BIGINT PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL
);

CREATE TABLE notices (
    id TEXT PRIMARY KEY,
    request TEXT NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    channel TEXT NOT NULL,
    happening TEXT NOT NULL,
    status TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    created BIGINT NOT NULL,
    due BIGINT NOT NULL,
    finished BIGINT,
    error TEXT
);
CREATE INDEX notices_by_due ON notices (status, due);
CREATE INDEX notices_by_request ON notices (request);
INSERT INTO requests (id, filter, binding, status, created, expires, ended, approved_until, remaining, review, subject, client, search, asked, reviewed) VALUES ('apr_w-QDPLLb8jFXXz-AMosAKoQZ', 'orders', 'fEo0VyK0CsvcEhhD1DtnTp98UCAfJrS5FZMbTypz09A', 'pending', 1795198955743, 4102444800000, NULL, NULL, 0, 'none', 'http://127.0.0.1:42119#ada', 'agent-7', 'apr_w-qdpllb8jfxxz-amosakoqz
run_sql
dba-writes
ada
orders
ada
ada@example.com
agent-7
req-1', '{"subject":{"issuer":"http://127.0.0.1:42119","subject":"ada","user":"ada","email":"ada@example.com","groups":["engineering"],"client":"agent-7","actors":[{"subject":"agent-7","client":"agent-7"}]},"tool":"run_sql","endpoint":"https://mcp.example.com/mcp","action":"tools/call","binding":"fEo0VyK0CsvcEhhD1DtnTp98UCAfJrS5FZMbTypz09A","shown":{"sql":"DELETE FROM orders","name":"waits","limit":10.0},"shown_digest":"bFPAfeXdGqH7MgTFR2tEZL4KZGnHSpoPz9JarqIied0","rule":"dba-writes","message":"A write.","policy":"ab12","session":null,"request_id":"req-1","traceparent":null,"approvers":{"groups":["leads"],"quorum":1,"distinct_groups":false,"reason":"optional"},"grant":{"uses":1,"valid_seconds":900},"wait_seconds":600}', NULL);
INSERT INTO requests (id, filter, binding, status, created, expires, ended, approved_until, remaining, review, subject, client, search, asked, reviewed) VALUES ('apr_IYOAu8BlA7e2Wvxe1ZMbCOh7', 'orders', 'oRrgZGnGN0DXsOz4AvKCoNRulPMaZU3808DcbcJ3-QQ', 'pending', 1795198955775, 4102444800000, NULL, NULL, 0, 'none', 'http://127.0.0.1:42119#ada', 'agent-7', 'apr_iyoau8bla7e2wvxe1zmbcoh7
run_sql
dba-writes
ada
orders
ada
ada@example.com
agent-7
req-1', '{"subject":{"issuer":"http://127.0.0.1:42119","subject":"ada","user":"ada","email":"ada@example.com","groups":["engineering"],"client":"agent-7","actors":[{"subject":"agent-7","client":"agent-7"}]},"tool":"run_sql","endpoint":"https://mcp.example.com/mcp","action":"tools/call","binding":"oRrgZGnGN0DXsOz4AvKCoNRulPMaZU3808DcbcJ3-QQ","shown":{"sql":"DELETE FROM orders","name":"half","limit":10.0},"shown_digest":"d4ptUHXfkW2EIhdliWUC4Kw9zPmiE7iaKIF2IWqB4pw","rule":"dba-writes","message":"A write.","policy":"ab12","session":null,"request_id":"req-1","traceparent":null,"approvers":{"groups":["leads"],"quorum":2,"distinct_groups":false,"reason":"optional"},"grant":{"uses":1,"valid_seconds":900},"wait_seconds":600}', NULL);
INSERT INTO requests (id, filter, binding, status, created, expires, ended, approved_until, remaining, review, subject, client, search, asked, reviewed) VALUES ('apr_wxhf_I8fHWYvUDfJtmh-JVFC', 'orders', 'Jof4btZ4S4pfyjbmxGjhKqRNw8foE34xYNGpUHm9zQI', 'approved', 1795198955790, 4102444800000, 1795198955795, 4102444800000, 2, 'none', 'http://127.0.0.1:42119#ada', 'agent-7', 'apr_wxhf_i8fhwyvudfjtmh-jvfc
run_sql
dba-writes
ada
orders
ada
ada@example.com
agent-7
req-1', '{"subject":{"issuer":"http://127.0.0.1:42119","subject":"ada","user":"ada","email":"ada@example.com","groups":["engineering"],"client":"agent-7","actors":[{"subject":"agent-7","client":"agent-7"}]},"tool":"run_sql","endpoint":"https://mcp.example.com/mcp","action":"tools/call","binding":"Jof4btZ4S4pfyjbmxGjhKqRNw8foE34xYNGpUHm9zQI","shown":{"sql":"DELETE FROM orders","name":"approved","limit":10.0},"shown_digest":"fGDZ_1HNeT9cCLqpiQ7Ge4OfCou0Pl0LwgSIJf-QBBc","rule":"dba-writes","message":"A write.","policy":"ab12","session":null,"request_id":"req-1","traceparent":null,"approvers":{"groups":["leads"],"quorum":1,"distinct_groups":false,"reason":"optional"},"grant":{"uses":3,"valid_seconds":900},"wait_seconds":600}', NULL);
INSERT INTO requests (id, filter, binding, status, created, expires, ended, approved_until, remaining, review, subject, client, search, asked, reviewed) VALUES ('apr_hgR8hj-K_gcJlMiAkfMNKDCY', 'orders', '-DkWE1UJH82eM_Vx4LEcYCF6UAn5lz52nBPXhY2xYsw', 'consumed', 1795198955804, 4102444800000, 1795198955809, 4102444800000, 0, 'none', 'http://127.0.0.1:42119#ada', 'agent-7', 'apr_hgr8hj-k_gcjlmiakfmnkdcy
run_sql
dba-writes
ada
orders
ada
ada@example.com
agent-7
req-1', '{"subject":{"issuer":"http://127.0.0.1:42119","subject":"ada","user":"ada","email":"ada@example.com","groups":["engineering"],"client":"agent-7","actors":[{"subject":"agent-7","client":"agent-7"}]},"tool":"run_sql","endpoint":"https://mcp.example.com/mcp","action":"tools/call","binding":"-DkWE1UJH82eM_Vx4LEcYCF6UAn5lz52nBPXhY2xYsw","shown":{"sql":"DELETE FROM orders","name":"used","limit":10.0},"shown_digest":"JG69A18xJ8BTZPkBq7RiNq8pfTf-M0yTeEMTtn-pmDE","rule":"dba-writes","message":"A write.","policy":"ab12","session":null,"request_id":"req-1","traceparent":null,"approvers":{"groups":["leads"],"quorum":1,"distinct_groups":false,"reason":"optional"},"grant":{"uses":1,"valid_seconds":900},"wait_seconds":600}', NULL);
INSERT INTO requests (id, filter, binding, status, created, expires, ended, approved_until, remaining, review, subject, client, search, asked, reviewed) VALUES ('apr_VpN9oqZQbAitaA4DH31S1EGm', 'orders', 'YtbCMwA29kvPcblXkXQ9bHfDjg18jL7cvFJcd8V88O4', 'denied', 1795198955819, 4102444800000, 1795198955823, NULL, 0, 'none', 'http://127.0.0.1:42119#ada', 'agent-7', 'apr_vpn9oqzqbaitaa4dh31s1egm
run_sql
dba-writes
ada
orders
ada
ada@example.com
agent-7
req-1', '{"subject":{"issuer":"http://127.0.0.1:42119","subject":"ada","user":"ada","email":"ada@example.com","groups":["engineering"],"client":"agent-7","actors":[{"subject":"agent-7","client":"agent-7"}]},"tool":"run_sql","endpoint":"https://mcp.example.com/mcp","action":"tools/call","binding":"YtbCMwA29kvPcblXkXQ9bHfDjg18jL7cvFJcd8V88O4","shown":{"sql":"DELETE FROM orders","name":"denied","limit":10.0},"shown_digest":"HaYWJ_sLbOT7T6ZGHU7Cz3r3lnE5LZoJuafsplPZ8uU","rule":"dba-writes","message":"A write.","policy":"ab12","session":null,"request_id":"req-1","traceparent":null,"approvers":{"groups":["leads"],"quorum":1,"distinct_groups":false,"reason":"optional"},"grant":{"uses":1,"valid_seconds":900},"wait_seconds":600}', NULL);
INSERT INTO requests (id, filter, binding, status, created, expires, ended, approved_until, remaining, review, subject, client, search, asked, reviewed) VALUES ('apr_CHFtI1qhEdUzJKmj6jb_SA21', 'orders', 'EyoaORzOGBxJCixDUFlyIfrZriB3FNH5oQ9nvLHIKI0', 'approved', 1795198955828, 4102444800000, 1795198955874, 4102444800000, 1, 'open', 'http://127.0.0.1:42119#ada', 'agent-7', 'apr_chfti1qheduzjkmj6jb_sa21
run_sql
dba-writes
ada
orders
ada
ada@example.com
agent-7
req-1', '{"subject":{"issuer":"http://127.0.0.1:42119","subject":"ada","user":"ada","email":"ada@example.com","groups":["engineering"],"client":"agent-7","actors":[{"subject":"agent-7","client":"agent-7"}]},"tool":"run_sql","endpoint":"https://mcp.example.com/mcp","action":"tools/call","binding":"EyoaORzOGBxJCixDUFlyIfrZriB3FNH5oQ9nvLHIKI0","shown":{"sql":"DELETE FROM orders","name":"glass","limit":10.0},"shown_digest":"ABKpuROAOenWJWxu7j1cwPideWmNnsYP5OYUJQiDg8I","rule":"dba-writes","message":"A write.","policy":"ab12","session":null,"request_id":"req-1","traceparent":null,"approvers":{"groups":["leads"],"quorum":1,"distinct_groups":false,"reason":"optional"},"grant":{"uses":1,"valid_seconds":900},"wait_seconds":600}', NULL);
INSERT INTO request_groups (request, name) VALUES ('apr_w-QDPLLb8jFXXz-AMosAKoQZ', 'leads');
INSERT INTO request_groups (request, name) VALUES ('apr_IYOAu8BlA7e2Wvxe1ZMbCOh7', 'leads');
INSERT INTO request_groups (request, name) VALUES ('apr_wxhf_I8fHWYvUDfJtmh-JVFC', 'leads');
INSERT INTO request_groups (request, name) VALUES ('apr_hgR8hj-K_gcJlMiAkfMNKDCY', 'leads');
INSERT INTO request_groups (request, name) VALUES ('apr_VpN9oqZQbAitaA4DH31S1EGm', 'leads');
INSERT INTO request_groups (request, name) VALUES ('apr_CHFtI1qhEdUzJKmj6jb_SA21', 'leads');
INSERT INTO idempotency_keys (filter, name, request) VALUES ('orders', 'fEo0VyK0CsvcEhhD1DtnTp98UCAfJrS5FZMbTypz09A', 'apr_w-QDPLLb8jFXXz-AMosAKoQZ');
INSERT INTO idempotency_keys (filter, name, request) VALUES ('orders', 'oRrgZGnGN0DXsOz4AvKCoNRulPMaZU3808DcbcJ3-QQ', 'apr_IYOAu8BlA7e2Wvxe1ZMbCOh7');
INSERT INTO idempotency_keys (filter, name, request) VALUES ('orders', 'Jof4btZ4S4pfyjbmxGjhKqRNw8foE34xYNGpUHm9zQI', 'apr_wxhf_I8fHWYvUDfJtmh-JVFC');
INSERT INTO idempotency_keys (filter, name, request) VALUES ('orders', '-DkWE1UJH82eM_Vx4LEcYCF6UAn5lz52nBPXhY2xYsw', 'apr_hgR8hj-K_gcJlMiAkfMNKDCY');
INSERT INTO idempotency_keys (filter, name, request) VALUES ('orders', 'YtbCMwA29kvPcblXkXQ9bHfDjg18jL7cvFJcd8V88O4', 'apr_VpN9oqZQbAitaA4DH31S1EGm');
INSERT INTO idempotency_keys (filter, name, request) VALUES ('orders', 'EyoaORzOGBxJCixDUFlyIfrZriB3FNH5oQ9nvLHIKI0', 'apr_CHFtI1qhEdUzJKmj6jb_SA21');
INSERT INTO decisions (request, number, decision) VALUES ('apr_IYOAu8BlA7e2Wvxe1ZMbCOh7', 0, '{"by":{"issuer":"http://127.0.0.1:42119","subject":"bob","user":"bob","email":"bob@example.com"},"groups":["leads"],"verdict":"approve","reason":"looked at it","at":1795198955784,"break_glass":false}');
INSERT INTO decisions (request, number, decision) VALUES ('apr_wxhf_I8fHWYvUDfJtmh-JVFC', 0, '{"by":{"issuer":"http://127.0.0.1:42119","subject":"bob","user":"bob","email":"bob@example.com"},"groups":["leads"],"verdict":"approve","reason":"looked at it","at":1795198955795,"break_glass":false}');
INSERT INTO decisions (request, number, decision) VALUES ('apr_hgR8hj-K_gcJlMiAkfMNKDCY', 0, '{"by":{"issuer":"http://127.0.0.1:42119","subject":"bob","user":"bob","email":"bob@example.com"},"groups":["leads"],"verdict":"approve","reason":"looked at it","at":1795198955809,"break_glass":false}');
INSERT INTO decisions (request, number, decision) VALUES ('apr_VpN9oqZQbAitaA4DH31S1EGm', 0, '{"by":{"issuer":"http://127.0.0.1:42119","subject":"bob","user":"bob","email":"bob@example.com"},"groups":["leads"],"verdict":"deny","reason":null,"at":1795198955823,"break_glass":false}');
INSERT INTO decisions (request, number, decision) VALUES ('apr_CHFtI1qhEdUzJKmj6jb_SA21', 0, '{"by":{"issuer":"http://127.0.0.1:42119","subject":"oscar","user":"oscar","email":"oscar@example.com"},"groups":[],"verdict":"approve","reason":"down","at":1795198955874,"break_glass":true}');
INSERT INTO uses (request, name, at, remaining) VALUES ('apr_wxhf_I8fHWYvUDfJtmh-JVFC', 'AAAAAAAAAAEBAAAAAAAAAA', 1795198955800, 2);
INSERT INTO uses (request, name, at, remaining) VALUES ('apr_hgR8hj-K_gcJlMiAkfMNKDCY', 'AAAAAAAAAAEBAAAAAAAAAA', 1795198955814, 0);
INSERT INTO journal (seq, at, request, event, body, previous, hash) VALUES (1, 1795198955743, 'apr_w-QDPLLb8jFXXz-AMosAKoQZ', 'requested', '{"filter":"orders","subject":"http://127.0.0.1:42119#ada","client":"agent-7","tool":"run_sql","endpoint":"https://mcp.example.com/mcp","rule":"dba-writes","policy":"ab12","binding":"fEo0VyK0CsvcEhhD1DtnTp98UCAfJrS5FZMbTypz09A","shown_digest":"bFPAfeXdGqH7MgTFR2tEZL4KZGnHSpoPz9JarqIied0","approvers":{"groups":["leads"],"quorum":1,"distinct_groups":false,"reason":"optional"},"grant":{"uses":1,"valid_seconds":900},"expires":1795199555743}', '', '0f56d288b1badfd0670b55daae29cb7d341df024aeff56406c4c6a71cc451545');
INSERT INTO journal (seq, at, request, event, body, previous, hash) VALUES (2, 1795198955775, 'apr_IYOAu8BlA7e2Wvxe1ZMbCOh7', 'requested', '{"filter":"orders","subject":"http://127.0.0.1:42119#ada","client":"agent-7","tool":"run_sql","endpoint":"https://mcp.example.com/mcp","rule":"dba-writes","policy":"ab12","binding":"oRrgZGnGN0DXsOz4AvKCoNRulPMaZU3808DcbcJ3-QQ","shown_digest":"d4ptUHXfkW2EIhdliWUC4Kw9zPmiE7iaKIF2IWqB4pw","approvers":{"groups":["leads"],"quorum":2,"distinct_groups":false,"reason":"optional"},"grant":{"uses":1,"valid_seconds":900},"expires":1795199555775}', '0f56d288b1badfd0670b55daae29cb7d341df024aeff56406c4c6a71cc451545', '92c2df99db61ef68f78b2e72456026f1d8f601273382658983b04dc78e00dfce');
INSERT INTO journal (seq, at, request, event, body, previous, hash) VALUES (3, 1795198955784, 'apr_IYOAu8BlA7e2Wvxe1ZMbCOh7', 'decision', '{"decision":{"by":{"issuer":"http://127.0.0.1:42119","subject":"bob","user":"bob","email":"bob@example.com"},"groups":["leads"],"verdict":"approve","reason":"looked at it","at":1795198955784,"break_glass":false},"client":"console","status":"pending"}', '92c2df99db61ef68f78b2e72456026f1d8f601273382658983b04dc78e00dfce', 'da3b55629ceba3b4e1f742a71356b779b25c5debf22fb1bdd3d36e23b6fc11d6');
INSERT INTO journal (seq, at, request, event, body, previous, hash) VALUES (4, 1795198955790, 'apr_wxhf_I8fHWYvUDfJtmh-JVFC', 'requested', '{"filter":"orders","subject":"http://127.0.0.1:42119#ada","client":"agent-7","tool":"run_sql","endpoint":"https://mcp.example.com/mcp","rule":"dba-writes","policy":"ab12","binding":"Jof4btZ4S4pfyjbmxGjhKqRNw8foE34xYNGpUHm9zQI","shown_digest":"fGDZ_1HNeT9cCLqpiQ7Ge4OfCou0Pl0LwgSIJf-QBBc","approvers":{"groups":["leads"],"quorum":1,"distinct_groups":false,"reason":"optional"},"grant":{"uses":3,"valid_seconds":900},"expires":1795199555790}', 'da3b55629ceba3b4e1f742a71356b779b25c5debf22fb1bdd3d36e23b6fc11d6', '7122b26ebc220018d5f5d7a506bbf874d04c98958946728a87300111c16929fc');
INSERT INTO journal (seq, at, request, event, body, previous, hash) VALUES (5, 1795198955795, 'apr_wxhf_I8fHWYvUDfJtmh-JVFC', 'decision', '{"decision":{"by":{"issuer":"http://127.0.0.1:42119","subject":"bob","user":"bob","email":"bob@example.com"},"groups":["leads"],"verdict":"approve","reason":"looked at it","at":1795198955795,"break_glass":false},"client":"console","status":"approved"}', '7122b26ebc220018d5f5d7a506bbf874d04c98958946728a87300111c16929fc', '738ed4bea560528d9e7fcc5b75968093f9dcc044f6c08246cbd789fa434fb0be');
INSERT INTO journal (seq, at, request, event, body, previous, hash) VALUES (6, 1795198955800, 'apr_wxhf_I8fHWYvUDfJtmh-JVFC', 'consumed', '{"use":"AAAAAAAAAAEBAAAAAAAAAA","remaining":2}', '738ed4bea560528d9e7fcc5b75968093f9dcc044f6c08246cbd789fa434fb0be', '15e4f6844f43e6ab50ee4955e9b2e31c9b6de44a27c5854603e66b87761b580f');
INSERT INTO journal (seq, at, request, event, body, previous, hash) VALUES (7, 1795198955804, 'apr_hgR8hj-K_gcJlMiAkfMNKDCY', 'requested', '{"filter":"orders","subject":"http://127.0.0.1:42119#ada","client":"agent-7","tool":"run_sql","endpoint":"https://mcp.example.com/mcp","rule":"dba-writes","policy":"ab12","binding":"-DkWE1UJH82eM_Vx4LEcYCF6UAn5lz52nBPXhY2xYsw","shown_digest":"JG69A18xJ8BTZPkBq7RiNq8pfTf-M0yTeEMTtn-pmDE","approvers":{"groups":["leads"],"quorum":1,"distinct_groups":false,"reason":"optional"},"grant":{"uses":1,"valid_seconds":900},"expires":1795199555804}', '15e4f6844f43e6ab50ee4955e9b2e31c9b6de44a27c5854603e66b87761b580f', 'a3fe39235dffc5fb77c842589dbb27dfb7711cc61bede9190c3dbcabd4a719d2');
INSERT INTO journal (seq, at, request, event, body, previous, hash) VALUES (8, 1795198955809, 'apr_hgR8hj-K_gcJlMiAkfMNKDCY', 'decision', '{"decision":{"by":{"issuer":"http://127.0.0.1:42119","subject":"bob","user":"bob","email":"bob@example.com"},"groups":["leads"],"verdict":"approve","reason":"looked at it","at":1795198955809,"break_glass":false},"client":"console","status":"approved"}', 'a3fe39235dffc5fb77c842589dbb27dfb7711cc61bede9190c3dbcabd4a719d2', 'eb09dfeb6c720014635751ca5c0b1e2622569365e29564172b6703c0cb6f26ca');
INSERT INTO journal (seq, at, request, event, body, previous, hash) VALUES (9, 1795198955814, 'apr_hgR8hj-K_gcJlMiAkfMNKDCY', 'consumed', '{"use":"AAAAAAAAAAEBAAAAAAAAAA","remaining":0}', 'eb09dfeb6c720014635751ca5c0b1e2622569365e29564172b6703c0cb6f26ca', 'a6d7cfa0b5aa62dbceb4c561583c0396df8f10fd7cd25b4dabd35fce48cd947e');
INSERT INTO journal (seq, at, request, event, body, previous, hash) VALUES (10, 1795198955819, 'apr_VpN9oqZQbAitaA4DH31S1EGm', 'requested', '{"filter":"orders","subject":"http://127.0.0.1:42119#ada","client":"agent-7","tool":"run_sql","endpoint":"https://mcp.example.com/mcp","rule":"dba-writes","policy":"ab12","binding":"YtbCMwA29kvPcblXkXQ9bHfDjg18jL7cvFJcd8V88O4","shown_digest":"HaYWJ_sLbOT7T6ZGHU7Cz3r3lnE5LZoJuafsplPZ8uU","approvers":{"groups":["leads"],"quorum":1,"distinct_groups":false,"reason":"optional"},"grant":{"uses":1,"valid_seconds":900},"expires":1795199555819}', 'a6d7cfa0b5aa62dbceb4c561583c0396df8f10fd7cd25b4dabd35fce48cd947e', '1b1b8f44d3c399f68f511b6ca572c4f4f0b6d0b7a2698d98b8ffb56e41d2ae6e');
INSERT INTO journal (seq, at, request, event, body, previous, hash) VALUES (11, 1795198955823, 'apr_VpN9oqZQbAitaA4DH31S1EGm', 'decision', '{"decision":{"by":{"issuer":"http://127.0.0.1:42119","subject":"bob","user":"bob","email":"bob@example.com"},"groups":["leads"],"verdict":"deny","reason":null,"at":1795198955823,"break_glass":false},"client":"console","status":"denied"}', '1b1b8f44d3c399f68f511b6ca572c4f4f0b6d0b7a2698d98b8ffb56e41d2ae6e', '32e49962d0a2c4f984716538afecad3a775ca52e07e78779b97a6d1e3cf756e2');
INSERT INTO journal (seq, at, request, event, body, previous, hash) VALUES (12, 1795198955828, 'apr_CHFtI1qhEdUzJKmj6jb_SA21', 'requested', '{"filter":"orders","subject":"http://127.0.0.1:42119#ada","client":"agent-7","tool":"run_sql","endpoint":"https://mcp.example.com/mcp","rule":"dba-writes","policy":"ab12","binding":"EyoaORzOGBxJCixDUFlyIfrZriB3FNH5oQ9nvLHIKI0","shown_digest":"ABKpuROAOenWJWxu7j1cwPideWmNnsYP5OYUJQiDg8I","approvers":{"groups":["leads"],"quorum":1,"distinct_groups":false,"reason":"optional"},"grant":{"uses":1,"valid_seconds":900},"expires":1795199555828}', '32e49962d0a2c4f984716538afecad3a775ca52e07e78779b97a6d1e3cf756e2', '5e740fac2bb1fbd9cbc47d46c511ad39a3263a3b2ab7a8eff21192a016caf7a4');
INSERT INTO journal (seq, at, request, event, body, previous, hash) VALUES (13, 1795198955874, 'apr_CHFtI1qhEdUzJKmj6jb_SA21', 'decision', '{"decision":{"by":{"issuer":"http://127.0.0.1:42119","subject":"oscar","user":"oscar","email":"oscar@example.com"},"groups":[],"verdict":"approve","reason":"down","at":1795198955874,"break_glass":true},"client":"console","status":"approved"}', '5e740fac2bb1fbd9cbc47d46c511ad39a3263a3b2ab7a8eff21192a016caf7a4', '9aea9671469c3b785b1d3245e1a16623aa71b4de49504ff7812d053444706983');
INSERT INTO journal_head (id, seq, hash) VALUES (1, 13, '9aea9671469c3b785b1d3245e1a16623aa71b4de49504ff7812d053444706983');
