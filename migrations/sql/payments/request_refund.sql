-- execute: cv_app, cv_worker
-- Give money back for lines of a paid booking: the refund row first, with its key; tickets and passes are void and
-- seats free in the same transaction; the flow then asks Stripe. p_lines null = all that is left. Who: the fan by the
-- frozen policy (reason fan), staff of that stadium (staff), a job (event_cancelled). A line is refunded once, and
-- never more than was captured.
create or replace function app.request_refund(p_booking bigint, p_lines bigint[], p_reason text,
                                              p_note text default null)
returns table (refund_id bigint, amount bigint, currency text, event_id int, seats int[], version bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  b public.booking;
  pt public.payment_transaction;
  v_lines bigint[];
  v_problem text;
  v_refund bigint;
  v_amount bigint;
  v_seats int[];
begin
  select * into b from public.booking bk where bk.id = p_booking for update;
  if b.id is null then perform app.fail('UNKNOWN_BOOKING', 404); end if;
  if p_reason = 'fan' then
    if b.customer_id is distinct from app.uid() and b.id is distinct from app.link() then
      perform app.fail('UNKNOWN_BOOKING', 404);
    end if;
  elsif p_reason = 'staff' then
    if not b.stadium_id = any (app.staff_of()) then perform app.fail('UNKNOWN_BOOKING', 404); end if;
  elsif p_reason <> 'event_cancelled' or session_user <> 'cv_worker' then
    perform app.fail('NOT_ALLOWED', 403);
  end if;
  if b.state not in ('paid', 'refunded') then perform app.fail('NOT_PAID'); end if;

  if p_lines is not null and exists (select from unnest(p_lines) x
                                      where x not in (select l.id from public.booking_line l
                                                       where l.booking_id = b.id)) then
    perform app.fail('UNKNOWN_LINE', 404);
  end if;
  select coalesce(array_agg(l.id order by l.id), '{}') into v_lines from public.booking_line l
   where l.booking_id = b.id and (p_lines is null or l.id = any (p_lines))
     and not exists (select from public.refund_line r where r.line_id = l.id);
  if cardinality(v_lines) = 0 or (p_lines is not null and cardinality(v_lines) <> cardinality(p_lines)) then
    perform app.fail('ALREADY_REFUNDED');
  end if;
  if p_reason = 'fan' then
    select o.problem into v_problem from app.refund_offer(b.id) o
     where o.line_id = any (v_lines) and o.problem is not null
     order by array_position('{TICKET_USED,TICKET_TRANSFERRED}', o.problem) nulls first limit 1;
    if v_problem is not null then perform app.fail(v_problem); end if;
    if exists (select from public.event e
                where e.id = b.event_id
                  and app.companions_left(e, b.customer_id, array(select l.seat_id from public.booking_line l
                                                                   where l.id = any (v_lines)
                                                                     and l.seat_id is not null)) <> '{}') then
      perform app.fail('COMPANION_STAYS');
    end if;
  end if;
  -- The payment that stands: one that came a second time went back as a whole.
  select * into pt from public.payment_transaction p where p.booking_id = b.id and p.state = 'succeeded'
     and not exists (select from public.refund x where x.payment_id = p.id and x.reason = 'paid_twice')
   order by p.id limit 1;

  insert into public.refund as r (booking_id, payment_id, amount, currency, state, reason, note, idempotency_key,
                                  requested_by)
  values (b.id, pt.id, 0, b.currency, 'requested', p_reason, p_note, 're:' || b.reference || ':' || gen_random_uuid(),
          app.uid())
  returning r.id into v_refund;
  insert into public.refund_line (refund_id, line_id, amount)
  select v_refund, l.id, case p_reason when 'fan' then o.amount else l.total end
    from public.booking_line l left join app.refund_offer(b.id) o on p_reason = 'fan' and o.line_id = l.id
   where l.id = any (v_lines);
  select sum(rl.amount) into v_amount from public.refund_line rl where rl.refund_id = v_refund;
  update public.refund r
     set amount = v_amount,
         state = case when v_amount = 0 or pt.kind <> 'stripe' then 'succeeded' else 'requested' end
   where r.id = v_refund;

  update public.ticket t set status = 'void', void_at = now() where t.line_id = any (v_lines) and t.status <> 'void';
  update public.parking_pass p set status = 'void', void_at = now()
   where p.line_id = any (v_lines) and p.status <> 'void';
  update public.qr_code q set revoked_at = now() from public.ticket t
   where t.id = q.ticket_id and t.line_id = any (v_lines) and q.revoked_at is null;
  update public.qr_code q set revoked_at = now() from public.parking_pass p
   where p.id = q.pass_id and p.line_id = any (v_lines) and q.revoked_at is null;
  update public.ticket_transfer x set state = 'withdrawn' from public.ticket t
   where t.id = x.ticket_id and t.line_id = any (v_lines) and x.state = 'offered';
  with gone as (delete from public.seat_claim c using public.booking_line l
                 where l.id = any (v_lines) and c.event_id = b.event_id and c.seat_id = l.seat_id
                   and c.booking_id = b.id returning c.seat_id)
  select coalesce(array_agg(seat_id), '{}') into v_seats from gone;
  delete from public.parking_claim c using public.booking_line l
   where l.id = any (v_lines) and c.id = l.parking_claim_id;
  if not exists (select from public.booking_line l
                  where l.booking_id = b.id
                    and not exists (select from public.refund_line r where r.line_id = l.id)) then
    update public.booking bk set state = 'refunded', closed_at = now() where bk.id = b.id;
  end if;
  perform app.queue_mail(case when p_reason = 'event_cancelled' then 'event_cancelled' else 'refund' end,
                         b.contact_email, b.id, 'refund:' || v_refund,
                         jsonb_build_object('refund', v_refund, 'amount', v_amount));
  perform app.log(b.stadium_id, 'refund.requested', 'booking', b.id::text,
                  jsonb_build_object('refund', v_refund, 'amount', v_amount, 'lines', to_jsonb(v_lines),
                                     'reason', p_reason, 'note', p_note));
  return query select v_refund, v_amount, b.currency, b.event_id, v_seats, nextval('public.seat_version');
end $$;
