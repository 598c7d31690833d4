-- execute: cv_rules
-- A name as it may be kept, or null where there is none. read_name() in outside/names.py has cleaned it; what cannot be
-- seen, or is too long, is refused here.
create or replace function app.kept_name(p_name text) returns text
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
  v_name text := normalize(btrim(regexp_replace(p_name, '\s+', ' ', 'g')), NFC);
begin
  if length(v_name) > 100
     or v_name ~ ('[\u0001-\u001f\u007f-\u009f\u00ad\u034f\u061c\u17b4\u17b5\u200b\u200e\u200f\u202a-\u202e'
                  '\u2060-\u206f\ufeff\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a'
                  '\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]') then
    perform app.fail('BAD_NAME', 422);
  end if;
  return nullif(v_name, '');
end $$;
