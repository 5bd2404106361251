using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Payments.Application.Payments.Charges;
using Payments.Application.Payments.Gateway;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Checkout;

/// <summary>What the success page asks: has this session been paid? Asks the provider and fulfils, as the webhook would.</summary>
public sealed record VerifyCheckout(UserId UserId, string SessionId) : IRequest<VerifiedCheckout>;

internal sealed class VerifyCheckoutValidator : AbstractValidator<VerifyCheckout>
{
    public VerifyCheckoutValidator() => RuleFor(q => q.SessionId).Must(id => id is { Length: >= 4 and <= 255 } && id.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        .WithMessage("A session id is what the provider put into the success URL: cs_….");
}

/// <param name="Verified">The provider was asked, or nothing more can happen; false when it could not be reached and this is what we know.</param>
public sealed record VerifiedCheckout(PaymentView Payment, bool Verified);

internal sealed partial class VerifyCheckoutHandler(IPaymentsDb db, PaymentRefreshes refreshes, IGatewayFetches fetches, TimeProvider clock, ILogger<VerifyCheckoutHandler> logger) : IRequestHandler<VerifyCheckout, VerifiedCheckout>
{
    public async Task<VerifiedCheckout> Handle(VerifyCheckout query, CancellationToken cancellationToken)
    {
        var payment = await FindAsync(query, cancellationToken) ?? await AdoptAsync(query, cancellationToken);
        if (payment.IsOver)
        {
            return new VerifiedCheckout(PaymentView.From(payment), Verified: true);
        }

        var verified = true;
        try
        {
            PaymentAlarms.Raise(logger, payment.Id, await refreshes.RefreshAsync(payment.Id, cancellationToken));
        }
        catch (GatewayFailure failure) when (failure.Kind is GatewayFailureKind.Unavailable or GatewayFailureKind.UnknownOutcome)
        {
            // The buyer polls this page: what we know is a better answer than an error, and the webhook is on its way.
            Log.NotVerified(logger, payment.Id, failure.Message);
            verified = false;
        }

        return new VerifiedCheckout(PaymentView.ForBuyer((await FindAsync(query, cancellationToken))!, clock.GetUtcNow()), verified);
    }

    private Task<Payment?> FindAsync(VerifyCheckout query, CancellationToken cancellationToken) =>
        db.Payments.AsNoTracking().FirstOrDefaultAsync(p => p.SessionId == query.SessionId && p.UserId == query.UserId, cancellationToken);

    /// <summary>The process may have died between the provider's answer and our commit: then the session knows its payment, but the payment not its session.</summary>
    private async Task<Payment> AdoptAsync(VerifyCheckout query, CancellationToken cancellationToken)
    {
        // Who waits for no session is not asked for: everybody shares what may be asked of the provider in a second.
        if (!await db.Payments.AsNoTracking().AnyAsync(p => p.UserId == query.UserId && p.Flow == PaymentFlow.Checkout && p.SessionId == null && p.Status == PaymentStatus.Pending, cancellationToken))
        {
            throw PaymentRefusals.SessionNotFound();
        }

        try
        {
            var session = await fetches.CheckoutAsync(query.SessionId, null, cancellationToken);
            if (session.PaymentId is { } id && await db.Payments.AsNoTracking().AnyAsync(p => p.Id == id && p.UserId == query.UserId && p.SessionId == null, cancellationToken))
            {
                var result = await refreshes.AdoptAsync(session, cancellationToken);
                PaymentAlarms.Raise(logger, id, result?.Effect);
            }
        }
        catch (GatewayFailure failure) when (failure.Kind is GatewayFailureKind.NotFound)
        {
            throw PaymentRefusals.SessionNotFound();
        }

        return await FindAsync(query, cancellationToken) ?? throw PaymentRefusals.SessionNotFound();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Payment {PaymentId} could not be verified with the provider: {Reason}")]
        public static partial void NotVerified(ILogger logger, PaymentId paymentId, string reason);
    }
}
