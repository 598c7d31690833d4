-- execute: cv_rules
-- The seal of words about who acts, 64 hex digits: it fits in this transaction of this backend alone. An envelope of
-- two hashes, as in HMAC (RFC 2104), under a key that only this owner reads. Every part before the words has a fixed
-- length, so no other words make the same bytes.
create or replace function app.seal(p_words text) returns text language plpgsql stable parallel restricted as $$
declare
  v_key bytea := (select k.key from public.actor_key k);
begin
  return encode(sha256(v_key || sha256(v_key || int4send(pg_backend_pid()) || timestamptz_send(transaction_timestamp())
                                       || convert_to(p_words, 'UTF8'))), 'hex');
end $$;
