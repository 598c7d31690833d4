-- execute: cv_rules
-- A booking reference people can read out: eight characters of Crockford's base 32 (no I, L, O, U), 40 random bits.
create or replace function app.new_reference() returns text language sql volatile as $$
  select substr(a, 1 + (get_byte(u, 0) & 31), 1)
      || substr(a, 1 + (get_byte(u, 1) & 31), 1)
      || substr(a, 1 + (get_byte(u, 2) & 31), 1)
      || substr(a, 1 + (get_byte(u, 3) & 31), 1)
      || substr(a, 1 + (get_byte(u, 4) & 31), 1)
      || substr(a, 1 + (get_byte(u, 5) & 31), 1)
      || substr(a, 1 + (get_byte(u, 10) & 31), 1)
      || substr(a, 1 + (get_byte(u, 11) & 31), 1)
    from (select uuid_send(gen_random_uuid()) as u, '0123456789ABCDEFGHJKMNPQRSTVWXYZ' as a offset 0) x
$$;
