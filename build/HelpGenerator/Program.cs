using StatefulDeploy.Help;

// HelpGenerator FOLDER: makes the XML for Get-Help from the Markdown in the folder, beside it.
if (args is not [var folder] || !Directory.Exists(folder))
{
    Console.Error.WriteLine("Give the folder of the help pages, such as en-US.");
    return 2;
}

File.WriteAllText(Path.Combine(folder, HelpFiles.MamlName), HelpFiles.Compose(folder));
return 0;
