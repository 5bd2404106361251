using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Shared;
using Payments.Domain.Shared;
using Payments.Domain.Users.Credits;

namespace Payments.Application.Users.Credits;

/// <summary>A user's balance and the ledger's lines, newest first.</summary>
public sealed record GetCredits(UserId UserId, int? Limit, string? Cursor) : IRequest<CreditStatement>, IPaged;

public sealed record CreditStatement(long Credits, long Held, long Debt, IReadOnlyList<CreditLine> Items, string? NextCursor);

/// <param name="Change">By how much the spendable balance changed.</param>
public sealed record CreditLine(Guid Id, CreditTransactionKind Kind, long Change, long Balance, string Reason, string Reference, PaymentId? PaymentId, DateTimeOffset At);

internal sealed class GetCreditsValidator : AbstractValidator<GetCredits>
{
    public GetCreditsValidator() => this.PageRules();
}

internal sealed class GetCreditsHandler(IUsersDb db, TimeProvider clock) : IRequestHandler<GetCredits, CreditStatement>
{
    public async Task<CreditStatement> Handle(GetCredits query, CancellationToken cancellationToken)
    {
        var before = Cursor.Parse(query.Cursor);
        var now = clock.GetUtcNow();
        var balance = await db.Users.AsNoTracking().Where(u => u.Id == query.UserId)
            .Select(u => new { u.Credits, u.Held, u.Debt, Late = db.CreditLots.Where(l => l.UserId == u.Id && l.Remaining > 0 && l.ExpiresAt <= now).Sum(l => l.Remaining) })
            .FirstOrDefaultAsync(cancellationToken) ?? throw UserRefusals.NotFound();
        var lines = await db.CreditTransactionsPageAsync(query.UserId, before, query.LimitOf() + 1, cancellationToken);
        var page = Cursor.PageOf(lines, query.LimitOf(), t => new Cursor(t.At, t.Id), t => new CreditLine(t.Id, t.Kind, t.Change, t.BalanceAfter, t.Reason, t.Reference, t.PaymentId, t.At));
        return new CreditStatement(balance.Credits - balance.Late, balance.Held, balance.Debt, page.Items, page.NextCursor);
    }
}
