-- execute: cv_rules
-- A number plate as it may be kept, trimmed. read_plate() in outside/plates.py knows the letters of all scripts; what
-- could be none is refused here.
create or replace function app.kept_plate(p_plate text) returns text
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
  v_plate text := normalize(btrim(regexp_replace(p_plate, '\s+', ' ', 'g')), NFC);
begin
  if v_plate is null or length(v_plate) > 20 or length(app.plate_key(v_plate)) < 2
     or v_plate ~ ('[\u0001-\u001f\u0021-\u002c\u002f\u003a-\u0040\u005b-\u0060\u007b-\u009f'
                   '\u202a-\u202e\u2066-\u2069]') then
    perform app.fail('BAD_PLATE', 422);
  end if;
  return v_plate;
end $$;
