using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Shared;
using Payments.Application.Users;
using Payments.Domain.Shared;

namespace Payments.Application.Admin;

/// <summary>Forgets who a person is, everywhere at once; asked for again, there is nothing left to forget.</summary>
public sealed record EraseUser(UserId UserId, Actor Actor, string? Reason) : IRequest<IReadOnlyList<Erased>>, IStaffWrite;

internal sealed class EraseUserHandler(IUsersDb db, IEnumerable<IOpenEnds> openEnds, IEnumerable<IErasure> modules, IAuditLog audit) : IRequestHandler<EraseUser, IReadOnlyList<Erased>>
{
    public async Task<IReadOnlyList<Erased>> Handle(EraseUser command, CancellationToken cancellationToken)
    {
        if (!await db.Users.AnyAsync(u => u.Id == command.UserId, cancellationToken))
        {
            throw UserRefusals.NotFound();
        }

        foreach (var module in openEnds)
        {
            await module.CloseAsync(command.UserId, cancellationToken);
        }

        await using var transaction = await db.BeginAsync(cancellationToken);
        var erased = new List<Erased>();
        // In the order of their registration, which is the order of locks.
        foreach (var module in modules)
        {
            erased.AddRange(await module.EraseAsync(command.UserId, cancellationToken));
        }

        await db.SaveChangesAsync(cancellationToken);
        // What was forgotten is not written down once more: only how much of it there was.
        await audit.WriteAsync(command.Actor, "user.erase", command.UserId.ToString(), null, erased.ToDictionary(e => e.What, e => e.Count), command.Reason, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return erased;
    }
}
