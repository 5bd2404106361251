using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Shared;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Catalog;

public sealed record CreditPackDetail(CreditPackId Id, CreditPackTerms Terms);

/// <summary>All credit packs, those off sale too.</summary>
public sealed record ListAllCreditPacks : IRequest<IReadOnlyList<CreditPackDetail>>;

internal sealed class ListAllCreditPacksHandler(IPaymentsDb db) : IRequestHandler<ListAllCreditPacks, IReadOnlyList<CreditPackDetail>>
{
    public async Task<IReadOnlyList<CreditPackDetail>> Handle(ListAllCreditPacks query, CancellationToken cancellationToken) =>
        [.. (await db.CreditPacks.AsNoTracking().OrderBy(p => p.DisplayOrder).ThenBy(p => p.Name).ToListAsync(cancellationToken)).Select(p => new CreditPackDetail(p.Id, p.Terms))];
}

public sealed record GetCreditPack(CreditPackId Id) : IRequest<CreditPackDetail>;

internal sealed class GetCreditPackHandler(IPaymentsDb db) : IRequestHandler<GetCreditPack, CreditPackDetail>
{
    public async Task<CreditPackDetail> Handle(GetCreditPack query, CancellationToken cancellationToken) =>
        await db.CreditPacks.AsNoTracking().FirstOrDefaultAsync(p => p.Id == query.Id, cancellationToken) is { } pack
            ? new(pack.Id, pack.Terms)
            : throw CatalogRefusals.PackNotFound();
}

public sealed record CreateCreditPack(CreditPackTerms Terms, Actor Actor, string? Reason) : IRequest<CreditPackDetail>, IStaffWrite;

internal sealed class CreateCreditPackHandler(IPaymentsDb db, IAuditLog audit, IIdGenerator ids) : IRequestHandler<CreateCreditPack, CreditPackDetail>
{
    public async Task<CreditPackDetail> Handle(CreateCreditPack command, CancellationToken cancellationToken)
    {
        var pack = new CreditPack(new CreditPackId(ids.Next()), command.Terms);
        await using var transaction = await db.BeginAsync(cancellationToken);
        db.CreditPacks.Add(pack);
        await db.SaveChangesAsync(cancellationToken);
        await audit.WriteAsync(command.Actor, "credit_pack.create", pack.Id.ToString(), null, pack.Terms, command.Reason, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new(pack.Id, pack.Terms);
    }
}

/// <param name="Terms">All of them: what is not said is not kept.</param>
public sealed record EditCreditPack(CreditPackId Id, CreditPackTerms Terms, Actor Actor, string? Reason) : IRequest<CreditPackDetail>, IStaffWrite;

internal sealed class EditCreditPackHandler(CreditPackChanges changes) : IRequestHandler<EditCreditPack, CreditPackDetail>
{
    public Task<CreditPackDetail> Handle(EditCreditPack command, CancellationToken cancellationToken) =>
        changes.ChangeAsync(command.Id, pack => pack.Edit(command.Terms), command.Actor, "credit_pack.edit", command.Reason, cancellationToken);
}

/// <summary>Takes a pack off sale; what was bought of it stays, and so does its row.</summary>
public sealed record DeactivateCreditPack(CreditPackId Id, Actor Actor, string? Reason) : IRequest<CreditPackDetail>, IStaffWrite;

internal sealed class DeactivateCreditPackHandler(CreditPackChanges changes) : IRequestHandler<DeactivateCreditPack, CreditPackDetail>
{
    public Task<CreditPackDetail> Handle(DeactivateCreditPack command, CancellationToken cancellationToken) =>
        changes.ChangeAsync(command.Id, pack => pack.Deactivate(), command.Actor, "credit_pack.deactivate", command.Reason, cancellationToken);
}

/// <summary>A change of a pack under its lock, with the audit row that tells of it.</summary>
internal sealed class CreditPackChanges(IPaymentsDb db, IAuditLog audit)
{
    public async Task<CreditPackDetail> ChangeAsync(CreditPackId id, Action<CreditPack> change, Actor actor, string action, string? reason, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var pack = await db.LockCreditPackAsync(id, cancellationToken) ?? throw CatalogRefusals.PackNotFound();
        var before = pack.Terms;
        change(pack);
        await db.SaveChangesAsync(cancellationToken);
        await audit.WriteAsync(actor, action, id.ToString(), before, pack.Terms, reason, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new(pack.Id, pack.Terms);
    }
}
