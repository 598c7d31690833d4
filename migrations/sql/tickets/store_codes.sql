-- execute: cv_worker
-- Keep the signed codes of tickets and passes that were just issued, [{"ticket" | "pass": uuid, "key": id, "seq": n,
-- "code": text}], and the hash of the booking's first link. The code of a ticket that was passed on belongs to no
-- booking, so that its first buyer does not see it.
create or replace function app.store_codes(p_booking bigint, p_codes jsonb, p_link_hash bytea default null) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into public.qr_code (booking_id, ticket_id, pass_id, key_id, seq, code)
  select case when exists (select from public.ticket t
                            where t.id = (x ->> 'ticket')::uuid and t.link_hash is not null) then null
              else p_booking end,
         (x ->> 'ticket')::uuid, (x ->> 'pass')::uuid, (x ->> 'key')::int, (x ->> 'seq')::smallint, x ->> 'code'
    from jsonb_array_elements(p_codes) x
  on conflict (code) do nothing;
  if p_link_hash is not null then
    update public.booking set link_hash = p_link_hash where id = p_booking and link_seq = 0;
  end if;
end $$;
