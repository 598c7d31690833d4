-- execute: cv_app
-- A fan gets a new session for the hash of their password, which is the proof and is compared here alone; the old
-- session ends (a new id at every sign-in), and a visitor's bookings come along.
create or replace function app.start_session(p_customer bigint, p_password_hash text, p_session bytea, p_old bytea,
                                             p_address text, p_user_agent text)
returns table (released int) language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_old bigint;
  v_released int := 0;
begin
  if not exists (select from public.customer c join public.credential k on k.customer_id = c.id
                  where c.id = p_customer and c.kind = 'fan' and k.password_hash = p_password_hash) then
    perform app.fail('WRONG_CREDENTIALS', 422);
  end if;
  if p_old is not null then
    update public.login_session set ended_at = now() where id_hash = p_old and ended_at is null returning customer_id
      into v_old;
  end if;
  insert into public.login_session (id_hash, customer_id, expires_at, address, user_agent)
  values (p_session, p_customer, now() + interval '30 days', p_address, left(p_user_agent, 200));
  if v_old is not null and v_old <> p_customer
     and exists (select from public.customer where id = v_old and kind in ('visitor', 'guest')) then
    v_released := app.adopt(v_old, p_customer);
  end if;
  perform app.log(0, 'session.started', 'customer', p_customer::text);
  return query select v_released;
end $$;
