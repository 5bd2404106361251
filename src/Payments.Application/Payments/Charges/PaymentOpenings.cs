using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Catalog;
using Payments.Application.Payments.Checkout;
using Payments.Application.Payments.Customers;
using Payments.Application.Payments.Gateway;
using Payments.Application.Payments.Subscriptions;
using Payments.Application.Shared;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Gateway;
using Payments.Domain.Payments.Orders;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Charges;

/// <summary>
/// Opens a payment at the provider: saves the intent with the exact request, sends it, saves the outcome. Whoever comes
/// after a crash between any two of these (the caller's retry, the poll) goes through here again and gets the same thing.
/// </summary>
internal sealed class PaymentOpenings(
    IUnitOfWorkScopes scopes, IPaymentGateway gateway, ISubscriptionGateway billing, IPlanGateway plans, PlanPrices prices, SubscriptionRefreshes subscriptions, CustomerRecords customers, CheckoutOptions options,
    IIdGenerator ids, TimeProvider clock)
{
    /// <summary>The provider keeps a page open for half an hour at least.</summary>
    private static readonly TimeSpan LeastLifetime = TimeSpan.FromMinutes(31);

    /// <summary>A page that closes this soon is not handed out again.</summary>
    private static readonly TimeSpan LeastTimeLeft = TimeSpan.FromMinutes(2);

    /// <param name="Promotion">Checked with the provider; null for none.</param>
    internal sealed record Wanted(UserId UserId, PaymentFlow Flow, PaymentTerms Terms, PromotionCode? Promotion, string? RequestKey, string? PaymentMethodId, string? ReturnUrl)
    {
        /// <summary>The provider's price of the plan, when it is one.</summary>
        public string? PriceId { get; init; }
    }

    /// <param name="Id">Null when others are to be closed first.</param>
    /// <param name="InTheWay">An order has one payment at a time; these are open for it, and not what is wanted.</param>
    internal sealed record Prepared(PaymentId? Id, IReadOnlyList<PaymentId> InTheWay);

    /// <param name="Intent">Null when nothing is due.</param>
    /// <param name="ClientSecret">To confirm it, or a trial's card, on the buyer's page.</param>
    internal sealed record Opened(IntentState? Intent, string? ClientSecret);

    /// <summary>Saves the intent, or finds the one that this is a repeat of.</summary>
    public async Task<Prepared> PrepareAsync(Wanted wanted, CancellationToken cancellationToken)
    {
        var customer = await customers.EnsureAsync(wanted.UserId, cancellationToken);
        return await scopes.RunAsync<IPaymentsDb, Prepared>(
            async (db, token) =>
            {
                await using var transaction = await db.BeginAsync(token);
                await db.LockCustomerAsync(customer.Id, token);
                var now = clock.GetUtcNow();
                var order = wanted.Terms.OrderId is { } orderId ? (await db.LockOrdersAsync([orderId], token))[0] : null;
                order?.RequirePayable(now);
                await RequireNoneLivesAsync(db, wanted, token);
                var open = await PayableAsync(db, wanted, now, token);
                if (FindRepeated(open, wanted, now) is { } repeated)
                {
                    return new Prepared(repeated, []);
                }

                if (order is not null && open.Where(p => p.OrderId == order.Id).Select(p => p.Id).ToList() is { Count: > 0 } others)
                {
                    // What becomes of them says nothing about the order from now on.
                    order.ToBePaidBy(null);
                    await db.SaveChangesAsync(token);
                    await transaction.CommitAsync(token);
                    return new Prepared(null, others);
                }

                DateTimeOffset? closes = wanted.Flow == PaymentFlow.Checkout ? now + LifetimeOf(order, now) : null;
                var payment = Payment.Open(new PaymentId(ids.Next()), wanted.UserId, wanted.Flow, wanted.Terms, wanted.Promotion?.Code, wanted.RequestKey, closes, now);
                var call = Prepare(payment, customer, wanted.PriceId, wanted.Promotion?.Id, wanted.PaymentMethodId, wanted.ReturnUrl, order);
                order?.ToBePaidBy(payment.Id);
                db.Payments.Add(payment);
                db.GatewayRequests.Add(new GatewayRequest(payment.Id.Value, call.Operation, call.Body, now));
                await db.SaveChangesAsync(token);
                await transaction.CommitAsync(token);
                return new Prepared(payment.Id, []);
            },
            cancellationToken);
    }

    /// <summary>Sends the saved request and saves what came of it, even if the caller goes away meanwhile: half a write helps nobody.</summary>
    /// <exception cref="GatewayFailure">Unavailable or of unknown outcome: the intent stays and is taken up again.</exception>
    /// <exception cref="Refusal"><c>payment.not_opened</c>: the provider refuses it for good, with its reason.</exception>
    public async Task<Opened?> OpenAsync(PaymentId id)
    {
        var cancellationToken = CancellationToken.None;
        var payment = await scopes.RunAsync<IPaymentsDb, Payment>((db, token) => db.Payments.AsNoTracking().FirstAsync(p => p.Id == id, token), cancellationToken);
        if (payment is { Flow: PaymentFlow.Checkout, SessionId: not null })
        {
            return null;
        }

        var customer = await customers.EnsureAsync(payment.UserId, cancellationToken);
        var start = clock.GetTimestamp();
        var opened = false;
        try
        {
            var intent = await SendAsync(payment, customer, cancellationToken);
            opened = true;
            return intent;
        }
        catch (GatewayFailure failure) when (IsDeletedCustomer(failure))
        {
            await customers.ForgetAsync(customer, cancellationToken);
            customer = await customers.EnsureAsync(payment.UserId, cancellationToken);
            await RenewAsync(payment, customer, cancellationToken);
            return await SendAsync(payment, customer, cancellationToken);
        }
        catch (GatewayFailure failure) when (payment.PlanId is not null && PlanPrices.IsRefused(failure))
        {
            await RepriceAsync(payment, cancellationToken);
            return await SendAsync(payment, customer, cancellationToken);
        }
        catch (GatewayFailure failure) when (failure is { Kind: GatewayFailureKind.NotFound, Parameter: "payment_method" })
        {
            await ChangeAsync(id, p => p.OpeningRefused("payment_method_unknown", "The saved card does not exist any more."), cancellationToken);
            throw PaymentRefusals.MethodNotFound();
        }
        catch (GatewayFailure failure) when (failure.Kind is GatewayFailureKind.OurFault or GatewayFailureKind.Declined or GatewayFailureKind.Conflict && failure.Parameter is not null)
        {
            var reason = failure.SafeMessage ?? "The payment provider did not accept this purchase.";
            await ChangeAsync(id, p => p.OpeningRefused(failure.Code ?? "refused", reason), cancellationToken);
            throw failure.Parameter!.StartsWith("discounts", StringComparison.Ordinal) ? PaymentRefusals.PromotionCodeUnknown() : PaymentRefusals.NotOpened(reason);
        }
        finally
        {
            PaymentTelemetry.Opened(clock.GetElapsedTime(start), payment.Flow, opened);
        }
    }

    private async Task<Opened?> SendAsync(Payment payment, CustomerReference customer, CancellationToken cancellationToken)
    {
        if (payment is { Flow: PaymentFlow.Intent, PlanId: not null })
        {
            return await SubscribeAsync(payment, customer, cancellationToken);
        }

        if (payment.Flow == PaymentFlow.Intent)
        {
            var intent = await SendSavedAsync(payment.Id, gateway.OpenIntentAsync, t => gateway.FindIntentAsync(customer.GatewayId, payment.Id, t), cancellationToken);
            await ChangeAsync(payment.Id, p => p.IntentOpened(intent.IntentId, clock.GetUtcNow()), cancellationToken);
            return new Opened(intent, intent.ClientSecret);
        }

        var session = await SendSavedAsync(payment.Id, gateway.OpenCheckoutAsync, t => gateway.FindCheckoutAsync(customer.GatewayId, payment.Id, t), cancellationToken);
        await ChangeAsync(payment.Id, p => p.SessionOpened(session.SessionId, session.Url, session.ExpiresAt, clock.GetUtcNow()), cancellationToken);
        return null;
    }

    /// <summary>The subscription's own first invoice is what is paid; with nothing due there is only its secret, for the card of a trial.</summary>
    private async Task<Opened> SubscribeAsync(Payment payment, CustomerReference customer, CancellationToken cancellationToken)
    {
        var started = await SendSavedAsync(payment.Id, billing.OpenSubscriptionAsync, t => billing.FindSubscriptionAsync(customer.GatewayId, payment.Id, t), cancellationToken);
        await subscriptions.ApplyAsync(new SubscriptionNews(started.State.SubscriptionId, [], [], null, IsFresh: false), payment.Id, customer.GatewayId, cancellationToken);
        if (started.Intent is { } intent)
        {
            await ChangeAsync(payment.Id, p => p.IntentOpened(intent.IntentId, clock.GetUtcNow()), cancellationToken);
        }

        return new Opened(started.Intent, started.ClientSecret);
    }

    private Task<T> SendSavedAsync<T>(PaymentId id, Func<PreparedCall, string, CancellationToken, Task<T>> send, Func<CancellationToken, Task<T?>> find, CancellationToken cancellationToken)
        where T : class => scopes.RunAsync<IPaymentsDb, GatewaySends, T>(
        async (db, sends, token) => await sends.SendAsync(await db.GatewayRequests.FirstAsync(r => r.SubjectId == id.Value, token), send, find, token),
        cancellationToken);

    private Task<bool> RenewAsync(Payment payment, CustomerReference customer, CancellationToken cancellationToken) => scopes.RunAsync<IPaymentsDb, bool>(
        async (db, token) =>
        {
            var request = await db.GatewayRequests.FirstAsync(r => r.SubjectId == payment.Id.Value, token);
            var promotion = payment.PromotionCode is { } code ? await gateway.FindPromotionCodeAsync(code, token) : null;
            var priceId = payment.PlanId is null ? null : await PriceAsync(db, payment, token);
            var order = payment.OrderId is { } id ? await db.Orders.AsNoTracking().Include(o => o.Lines).FirstAsync(o => o.Id == id, token) : null;
            var call = Prepare(payment, customer, priceId, promotion?.Id, null, options.SuccessUrl, order);
            request.Renew(call.Operation, call.Body, clock.GetUtcNow());
            await db.SaveChangesAsync(token);
            return true;
        },
        cancellationToken);

    /// <summary>The same request goes out with a price that the provider still sells at.</summary>
    private Task<bool> RepriceAsync(Payment payment, CancellationToken cancellationToken) => scopes.RunAsync<IPaymentsDb, bool>(
        async (db, token) =>
        {
            var request = await db.GatewayRequests.FirstAsync(r => r.SubjectId == payment.Id.Value, token);
            var call = new PreparedCall(request.Operation, request.Body);
            await prices.ForgetAsync(plans.PriceOf(call), token);
            var renewed = plans.Reprice(call, await PriceAsync(db, payment, token));
            request.Renew(renewed.Operation, renewed.Body, clock.GetUtcNow());
            await db.SaveChangesAsync(token);
            return true;
        },
        cancellationToken);

    /// <summary>The provider's price of the payment's plan, which must still cost what the buyer was shown.</summary>
    private async Task<string> PriceAsync(IPaymentsDb db, Payment payment, CancellationToken cancellationToken)
    {
        var plan = await db.Plans.AsNoTracking().FirstAsync(p => p.Id == payment.PlanId, cancellationToken);
        if (plan.Price == payment.UnitPrice)
        {
            return await prices.EnsureAsync(plan.Id, cancellationToken);
        }

        const string reason = "The plan's price has changed since; start again.";
        await ChangeAsync(payment.Id, p => p.OpeningRefused("price_changed", reason), cancellationToken);
        throw PaymentRefusals.NotOpened(reason);
    }

    private PreparedCall Prepare(Payment payment, CustomerReference customer, string? priceId, string? promotionCodeId, string? paymentMethodId, string? returnUrl, Order? order) => payment switch
    {
        { Flow: PaymentFlow.Intent, PlanId: { } plan } => billing.PrepareSubscription(
            new NewSubscription(payment.Id, payment.UserId, plan, customer.GatewayId, priceId!, payment.Quantity, payment.TrialDays, paymentMethodId)),
        { Flow: PaymentFlow.Intent } => gateway.PrepareIntent(
            new NewIntent(payment.Id, payment.UserId, customer.GatewayId, payment.Kind.ToString(), payment.Description, payment.Amount, paymentMethodId, returnUrl)),
        _ => gateway.PrepareCheckout(
            new NewCheckout(
                payment.Id, payment.UserId, customer.GatewayId, payment.Kind.ToString(), order is null ? LineName(payment) : payment.Description, LinesOf(payment, order), promotionCodeId,
                options.SuccessUrl, options.CancelUrl, payment.SessionExpiresAt!.Value) { Plan = payment.PlanId is { } plan ? new CheckoutPlan(plan, priceId!, payment.TrialDays) : null }),
    };

    private static List<CheckoutLine> LinesOf(Payment payment, Order? order) => order is null
        ? [new CheckoutLine(LineName(payment), payment.UnitPrice, payment.Quantity)]
        : [.. order.Lines.OrderBy(l => l.Number).Select(l => new CheckoutLine(l.Name, l.Price, l.Quantity))];

    /// <summary>A page for an order closes with it, or as soon after it as the provider allows.</summary>
    private TimeSpan LifetimeOf(Order? order, DateTimeOffset now)
    {
        if (order is null)
        {
            return options.SessionLifetime;
        }

        var left = order.ExpiresAt - now;
        return left < LeastLifetime ? LeastLifetime : left < options.SessionLifetime ? left : options.SessionLifetime;
    }

    private static string LineName(Payment payment) => payment.Quantity == 1 ? payment.Description : payment.Description[(payment.Description.IndexOf('×', StringComparison.Ordinal) + 2)..];

    /// <summary>Whoever asked at the same time may have begun one since this one was priced.</summary>
    /// <exception cref="Refusal"><c>subscription.exists</c></exception>
    private static async Task RequireNoneLivesAsync(IPaymentsDb db, Wanted wanted, CancellationToken cancellationToken)
    {
        if (wanted.Terms.PlanId is { } plan && await db.Subscriptions.AnyAsync(
            s => s.UserId == wanted.UserId && s.GatewayCreatedAt != null && s.Ending == null && Subscription.LiveStatuses.Contains(s.Status) && db.Plans.Any(p => p.Id == plan && p.Family == s.Family),
            cancellationToken))
        {
            throw SubscriptionRefusals.Exists();
        }
    }

    /// <summary>What the buyer could still pay of late, and all that is open for a thing that nobody wants twice.</summary>
    /// <exception cref="Refusal"><c>item.owned</c>, <c>item.being_paid</c>, <c>order.being_paid</c></exception>
    private static async Task<List<Payment>> PayableAsync(IPaymentsDb db, Wanted wanted, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var terms = wanted.Terms;
        if (terms.ItemId is { } item
            && await db.Payments.AnyAsync(
                p => p.UserId == wanted.UserId && p.ItemId == item && p.CompletedAt != null && p.Undelivered == null
                    && (p.Status == PaymentStatus.Succeeded || p.Status == PaymentStatus.PartiallyRefunded || p.Status == PaymentStatus.Disputed),
                cancellationToken))
        {
            throw PaymentRefusals.ItemOwned();
        }

        var since = now - TimeSpan.FromHours(24);
        var recent = await db.Payments.AsNoTracking()
            .Where(p => p.UserId == wanted.UserId && p.CompletedAt == null
                && ((p.CreatedAt > since && p.Flow == wanted.Flow && (p.RequestKey == wanted.RequestKey || (terms.PlanId != null && p.PlanId == terms.PlanId)))
                    || (terms.ItemId != null && p.ItemId == terms.ItemId) || (terms.OrderId != null && p.OrderId == terms.OrderId)))
            .OrderByDescending(p => p.CreatedAt).Take(20).ToListAsync(cancellationToken);
        var open = recent.Where(p => p.IsPayable(now)).ToList();
        if (open.Exists(p => p.Status == PaymentStatus.Processing && p.ItemId is not null && p.ItemId == terms.ItemId))
        {
            throw PaymentRefusals.ItemBeingPaid();
        }

        return open.Exists(p => p.Status == PaymentStatus.Processing && p.OrderId is not null && p.OrderId == terms.OrderId) ? throw OrderRefusals.BeingPaid() : open;
    }

    private static PaymentId? FindRepeated(List<Payment> open, Wanted wanted, DateTimeOffset now)
    {
        if (wanted.RequestKey is not null && open.Find(p => p.RequestKey == wanted.RequestKey && p.Flow == wanted.Flow) is { } mine)
        {
            return IsSame(mine, wanted)
                ? mine.Id
                : throw new Refusal(RefusalKind.Unprocessable, "idempotency.key_reused", "This Idempotency-Key was used for another purchase.");
        }

        // Nobody wants one plan, item or order twice, so the page that is open for it is handed back whatever the key; for
        // credits only without one. An intent of those never is: its owner has its secret.
        return wanted.Flow switch
        {
            PaymentFlow.Checkout when wanted.RequestKey is null || wanted.Terms.IsOnlyOnce => open.Find(
                p => p.Flow == wanted.Flow && IsSame(p, wanted) && p.SessionExpiresAt > now + LeastTimeLeft && p.Status != PaymentStatus.Processing)?.Id,

            // The saved request is sent again, so it cannot take another card than the one that was declined.
            PaymentFlow.Intent when wanted.Terms.IsOnlyOnce => open.Find(p => p.Flow == wanted.Flow && IsSame(p, wanted) && p.Status != PaymentStatus.Failed)?.Id,
            _ => null,
        };
    }

    private static bool IsSame(Payment payment, Wanted wanted) =>
        payment.Kind == wanted.Terms.Kind
        && payment.CreditPackId == wanted.Terms.CreditPackId
        && payment.PlanId == wanted.Terms.PlanId
        && payment.ItemId == wanted.Terms.ItemId
        && payment.OrderId == wanted.Terms.OrderId
        && payment.TrialDays == wanted.Terms.TrialDays
        && payment.Credits == wanted.Terms.Credits
        && payment.Quantity == wanted.Terms.Quantity
        && payment.UnitPrice == wanted.Terms.UnitPrice
        && string.Equals(payment.PromotionCode, wanted.Promotion?.Code, StringComparison.OrdinalIgnoreCase);

    private static bool IsDeletedCustomer(GatewayFailure failure) => failure is { Code: "resource_missing", Parameter: "customer" };

    private Task<bool> ChangeAsync(PaymentId id, Action<Payment> change, CancellationToken cancellationToken) => scopes.RunAsync<IPaymentsDb, bool>(
        async (db, token) =>
        {
            await using var transaction = await db.BeginAsync(token);
            change((await db.LockPaymentsAsync([id], token))[0]);
            await db.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
            return true;
        },
        cancellationToken);
}
