-- execute: cv_app
-- The first hold of a browser makes a visitor and a session, and acts as them from here on in this transaction.
create or replace function app.start_visitor(p_session bytea, p_address text, p_user_agent text) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_id bigint;
begin
  insert into public.customer (kind) values ('visitor') returning id into v_id;
  insert into public.login_session (id_hash, customer_id, expires_at, address, user_agent)
  values (p_session, v_id, now() + interval '30 days', p_address, left(p_user_agent, 200));
  perform app.act_as(v_id, null, app.link());
  return v_id;
end $$;
