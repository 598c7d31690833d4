-- execute: cv_rules
-- A booking reference people can read out: eight signs of Crockford's base 32 (no I, L, O, U), 40 random bits.
create or replace function app.new_reference() returns text language sql volatile set search_path = pg_catalog, pg_temp as $$
  select string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 1 + (get_byte(u, g) & 31), 1), '')
    from (select uuid_send(gen_random_uuid()) as u) x, generate_series(8, 15) g where g is not null
$$;
