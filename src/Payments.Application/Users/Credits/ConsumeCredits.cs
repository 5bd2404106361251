using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Shared;
using Payments.Domain.Shared;
using Payments.Domain.Users.Credits;

namespace Payments.Application.Users.Credits;

/// <summary>Spends credits at once. The same reason and reference spend once; a repeat gets the first answer.</summary>
public sealed record ConsumeCredits(UserId UserId, long Amount, string Reason, string Reference) : IRequest<Consumption>, ISpend, ITakesTurns
{
    Guid ITakesTurns.TurnKey => UserId.Value;
}

/// <param name="Credits">The balance after the spend.</param>
public sealed record Consumption(Guid Id, long Amount, string Reason, string Reference, long Credits);

internal sealed class ConsumeCreditsValidator : AbstractValidator<ConsumeCredits>
{
    public ConsumeCreditsValidator() => SpendRules.Rules(this);
}

internal sealed class ConsumeCreditsHandler(IUsersDb db, CreditAccounts accounts, IIdGenerator ids) : IRequestHandler<ConsumeCredits, Consumption>
{
    public async Task<Consumption> Handle(ConsumeCredits command, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var account = await accounts.LockAsync(command.UserId, cancellationToken) ?? throw UserRefusals.NotFound();

        var key = SpendRules.Key(command.UserId.Value, command.Reason, command.Reference);
        if (await db.CreditTransactions.AsNoTracking().FirstOrDefaultAsync(t => t.Key == key, cancellationToken) is { } before)
        {
            // Its postings tell what was spent, by a capture too.
            var spent = await db.CreditPostings.Where(p => p.TransactionId == before.Id && p.Account == CreditAccount.Spent).SumAsync(p => p.Credits, cancellationToken);
            return spent == command.Amount ? Answer(before, command) : throw CreditRefusals.ReferenceReused(spent);
        }

        if (await db.CreditHolds.AnyAsync(h => h.UserId == command.UserId && h.Reason == command.Reason && h.Reference == command.Reference && h.Status == CreditHoldStatus.Open, cancellationToken))
        {
            throw CreditRefusals.ReferenceHeld();
        }

        var entry = account.User.Spend(key, command.Amount, command.Reason, command.Reference, account.Lots, ids.Next, account.Now);
        accounts.Write(entry);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Answer(entry.Transaction, command);
    }

    private static Consumption Answer(CreditTransaction spend, ConsumeCredits command) =>
        new(spend.Id, command.Amount, command.Reason, command.Reference, spend.BalanceAfter);
}
