-- execute: cv_app
-- A new fan. A visitor or guest who signs up keeps their bookings: their own row becomes the fan. p_email_key is what
-- the version before sends; app.mailbox() says it now.
create or replace function app.sign_up(p_name text, p_email text, p_email_key text, p_password_hash text) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_id bigint := app.uid();
  v_name text := app.kept_name(p_name);
  v_key text := app.mailbox(p_email);
begin
  if v_name is null then perform app.fail('BAD_NAME', 422); end if;
  if exists (select from public.customer where kind = 'fan' and email_key = v_key) then
    perform app.fail('EMAIL_TAKEN', 409);
  end if;
  update public.customer set kind = 'fan', name = v_name, email = p_email, email_key = v_key
   where id = v_id and kind in ('visitor', 'guest');
  if not found then
    insert into public.customer (kind, name, email, email_key) values ('fan', v_name, p_email, v_key)
    returning id into v_id;
  end if;
  insert into public.credential (customer_id, password_hash) values (v_id, p_password_hash);
  insert into public.customer_profile (customer_id) values (v_id);
  perform app.log(0, 'account.created', 'customer', v_id::text);
  return v_id;
exception when unique_violation then
  perform app.fail('EMAIL_TAKEN', 409);
end $$;
