-- execute: cv_app
-- Change the number plate of one's own bay: while it is held, and of a pass until its window begins.
create or replace function app.set_plate(p_line bigint, p_plate text) returns table (plate text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  v_plate text := app.kept_plate(p_plate);
  l public.booking_line;
begin
  select bl.* into l from public.booking_line bl join public.booking b on b.id = bl.booking_id
   where bl.id = p_line and bl.kind = 'parking'
     and (b.customer_id = app.uid() or b.id = app.link());
  if l.id is null then perform app.fail('UNKNOWN_LINE', 404); end if;
  if exists (select from public.parking_pass p
              where p.line_id = l.id and (p.starts_at <= now() or p.status <> 'valid')) then
    perform app.fail('PLATE_FIXED');
  end if;
  update public.parking_claim set plate = v_plate where id = l.parking_claim_id;
  update public.parking_pass set plate = v_plate where line_id = l.id;
  perform app.log(b.stadium_id, 'plate.changed', 'booking', b.id::text, jsonb_build_object('line', l.id))
    from public.booking b where b.id = l.booking_id;
  return query select v_plate;
end $$;
