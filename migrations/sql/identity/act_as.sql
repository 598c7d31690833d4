-- execute: cv_rules
-- From here to the end of the transaction this person acts (null: nobody), with these rights, {right: "{stadiums}"},
-- and with this booking opened by its link. Kept in a setting, which anybody may write, under a seal, which nobody else
-- can make: app.actor() believes no other.
create or replace function app.act_as(p_uid bigint, p_may jsonb default null, p_link bigint default null) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_words text := jsonb_strip_nulls(jsonb_build_object('uid', p_uid, 'may', p_may, 'link', p_link))::text;
begin
  perform set_config('app.actor', case when v_words = '{}' then '' else app.seal(v_words) || v_words end, true);
end $$;
