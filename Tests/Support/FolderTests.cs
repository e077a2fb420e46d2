namespace MomentumCore.Tests.Support;

/// <summary>Tests that each have a folder of their own, gone after them.</summary>
internal abstract class FolderTests
{
    protected string Folder { get; private set; } = "";

    [SetUp]
    public void MakeFolder() => Folder = Directory.CreateTempSubdirectory("momentum-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(Folder, recursive: true);
}
