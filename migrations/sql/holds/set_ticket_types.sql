-- execute: cv_app
-- Say who sits where: ticket types for lines of one's own hold. Prices follow.
create or replace function app.set_ticket_types(p_booking bigint, p_lines bigint[], p_types text[]) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  b public.booking;
  s public.stadium;
  v_done int;
begin
  select * into b from public.booking bk where bk.id = p_booking and bk.customer_id = app.uid() for update;
  if b.id is null then perform app.fail('UNKNOWN_BOOKING', 404); end if;
  if b.state = 'paying' then perform app.fail('BEING_PAID'); end if;
  if b.state <> 'held' or app.has_lapsed(b.state, b.expires_at) then
    perform app.fail('HOLD_ENDED', 410, jsonb_build_object('by', b.state));
  end if;
  select * into s from public.stadium st where st.id = b.stadium_id;
  update public.booking_line l set ticket_type = p.ticket_type, face = p.face, fee = a.fee, tax = a.tax, total = a.total
    from unnest(p_lines, p_types) as w (line_id, ticket_type), public.event_price p,
         lateral app.line_amounts(p.face, s.fee_bp, s.fee_each, s.tax_bp, s.tax_inside,
                                  app.money_step(s.currency)) a
   where l.id = w.line_id and l.booking_id = b.id and l.kind = 'seat' and p.event_id = b.event_id and p.band = l.band
     and p.ticket_type = w.ticket_type;
  get diagnostics v_done = row_count;
  if v_done <> cardinality(p_lines) then perform app.fail('UNKNOWN_TICKET_TYPE', 422); end if;
  perform app.total_booking(b.id);
end $$;
